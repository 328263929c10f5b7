/** Builds what is made from the package: esbuild bundles and the compiled TypeScript consumer. */
import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { programsFolder, SDKS, SUITE, type SdkMajor } from './layout.ts'

const execute = promisify(execFile)
/** CommonJS inside an ESM bundle asks for `require`, which ESM has not. */
const REQUIRE_BANNER =
  "--banner:js=import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);"
/** ESM inside a CommonJS bundle (SDK 3: its gRPC exporter) asks for `import.meta.url`, which CommonJS has not. */
const META_BANNER = "--banner:js=const importMetaUrl = require('node:url').pathToFileURL(__filename).href;"

const BUNDLES = [
  { file: 'outside.mjs', flags: ['--format=esm', '--external:@opentelemetry/*', REQUIRE_BANNER] },
  { file: 'outside.cjs', flags: ['--format=cjs', '--external:@opentelemetry/*'] },
  { file: 'inside.mjs', flags: ['--format=esm', '--minify', REQUIRE_BANNER] },
  {
    file: 'inside.cjs',
    flags: ['--format=cjs', '--minify', '--define:import.meta.url=importMetaUrl', META_BANNER],
  },
] as const

async function bundle(sdk: SdkMajor): Promise<void> {
  for (const { file, flags } of BUNDLES)
    await execute(
      `${SUITE}/node_modules/.bin/esbuild`,
      [
        'bundle.mjs',
        '--bundle',
        '--platform=node',
        '--target=node20',
        '--log-level=error',
        `--outfile=bundles/${file}`,
        ...flags,
      ],
      { cwd: programsFolder(sdk) },
    )
}

export interface TypeCheck {
  readonly typescript: 5 | 6
  readonly moduleResolution: string
  readonly sdk: SdkMajor
}

/** `module` that goes with each resolution in a CommonJS project. */
const MODULES: readonly { readonly moduleResolution: string; readonly flags: readonly string[] }[] = [
  { moduleResolution: 'node10', flags: ['--module', 'commonjs'] },
  { moduleResolution: 'node16', flags: ['--module', 'node16'] },
  { moduleResolution: 'nodenext', flags: ['--module', 'nodenext'] },
  { moduleResolution: 'bundler', flags: ['--module', 'esnext'] },
]

/** Each compiler with one generation: between them, every resolution sees both. */
const PAIRS = [
  { typescript: 5, sdk: 2 },
  { typescript: 6, sdk: 3 },
] as const

export const TYPE_CHECKS: readonly TypeCheck[] = MODULES.flatMap(({ moduleResolution }) =>
  PAIRS.map((pair) => ({ ...pair, moduleResolution })),
)

async function compile(check: TypeCheck, ...more: string[]): Promise<string[]> {
  const { typescript, moduleResolution, sdk } = check
  const flags = MODULES.find((row) => row.moduleResolution === moduleResolution)?.flags ?? []
  // TypeScript 6 asks for a word about the tsconfig.json above, and says that node10 will go.
  const newer = ['--ignoreConfig', ...(moduleResolution === 'node10' ? ['--ignoreDeprecations', '6.0'] : [])]
  const parameters = [
    `${SUITE}/node_modules/typescript${typescript}/bin/tsc`,
    'main.ts',
    'zero-code.ts',
    '--strict',
    '--target',
    'es2022',
    '--types',
    'node',
    '--moduleResolution',
    moduleResolution,
    ...flags,
    ...(typescript === 6 ? newer : []),
    ...more,
  ]
  try {
    await execute(process.execPath, parameters, { cwd: `${programsFolder(sdk)}/consumer` })
    return []
  } catch (error) {
    return [String((error as { stdout?: string }).stdout || error).slice(0, 800)]
  }
}

/** The consumer's types against the packed ones, declarations included. */
export function checkTypes(check: TypeCheck): Promise<string[]> {
  return compile(check, '--noEmit')
}

/** @returns findings: what could not be built. */
export async function buildPrograms(): Promise<string[]> {
  const findings: string[] = []
  for (const sdk of SDKS) {
    await bundle(sdk).catch((error: unknown) => findings.push(`esbuild, SDK ${sdk}: ${String(error)}`))
    findings.push(...(await compile({ typescript: 6, moduleResolution: 'node16', sdk })))
  }
  return findings
}
