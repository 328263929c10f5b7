/** Reads the flags of a command line. */
import { parseArgs, type ParseArgsConfig } from 'node:util'
import { ConfigurationError } from './errors.ts'

/**
 * The values of the flags in `words`.
 *
 * @param help the command for help that messages name: `--help`, or `spend --help`.
 * @throws ConfigurationError for an unknown flag, a flag without its value, and an argument that is no flag. That
 * argument is not shown: it may be a key.
 */
export function readFlags<Options extends NonNullable<ParseArgsConfig['options']>>(
  words: readonly string[],
  options: Options,
  help: string,
) {
  try {
    return parseArgs({ args: [...words], options, strict: true }).values
  } catch (error) {
    const { code, message = '' } = error as NodeJS.ErrnoException
    if (code === 'ERR_PARSE_ARGS_UNEXPECTED_POSITIONAL')
      throw new ConfigurationError(`there is an argument that is no flag; see ${help}`)
    throw new ConfigurationError(`${message.split(/\.(?:\s|$)/)[0]}; see ${help}`)
  }
}
