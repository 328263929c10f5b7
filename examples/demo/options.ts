/** The demo's command line. */
import { parseArgs } from 'node:util'

export const HELP = `npm run demo -- [options]

  --seconds <n>  end after n seconds, with a last table and exit code 0; default: until Ctrl-C
  --port <n>     of /metrics; default 9464, or any free one when that is taken
  --live         small, cheap requests to the real API with your AIMLAPI_API_KEY, instead of a simulated API
  --help         this text
`

export interface Options {
  /** Infinity: until Ctrl-C. */
  readonly seconds: number
  readonly port: number | undefined
  readonly live: boolean
}

function positive(name: string, text: string, maximum: number): number {
  const value = Number(text)
  if (text.trim() !== '' && value > 0 && value <= maximum) return value
  throw new Error(`--${name}: a number from 1 to ${maximum}, not "${text}"`)
}

/**
 * @returns 'help' when only the help is wanted.
 * @throws Error with a sentence for the user.
 */
export function readOptions(args: readonly string[], environment: NodeJS.ProcessEnv): Options | 'help' {
  const { values } = parseArgs({
    args: [...args],
    options: {
      seconds: { type: 'string' },
      port: { type: 'string' },
      live: { type: 'boolean', default: false },
      help: { type: 'boolean', short: 'h', default: false },
    },
  })
  if (values.help) return 'help'
  if (values.live && (environment['AIMLAPI_API_KEY'] ?? '') === '') {
    throw new Error(
      '--live needs your API key in AIMLAPI_API_KEY. Create one at https://aimlapi.com/app/keys',
    )
  }
  return {
    seconds:
      values.seconds === undefined ? Number.POSITIVE_INFINITY : positive('seconds', values.seconds, 1e6),
    port: values.port === undefined ? undefined : positive('port', values.port, 65_535),
    live: values.live,
  }
}
