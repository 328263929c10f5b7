/** Bundles of a service with everything inside, run where no package can be found. */
import { execFile } from 'node:child_process'
import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { promisify } from 'node:util'
import { findFreePort } from '../../../free-port.ts'
import type { Simulator } from '../../../simulator/index.ts'
import type { Collector } from '../collector.ts'
import { differs } from '../judge.ts'
import { nodeBinary, type NodeMajor } from '../layout.ts'
import { startScript } from './script.ts'

const execute = promisify(execFile)

export type Format = 'esm' | 'cjs'

export interface Bundling {
  readonly bundler: 'webpack' | 'rollup' | 'vite' | 'ncc'
  readonly format: Format
}

export const BUNDLINGS: readonly Bundling[] = (['webpack', 'rollup', 'vite', 'ncc'] as const).flatMap(
  (bundler) => (['esm', 'cjs'] as const).map((format) => ({ bundler, format })),
)

/** Metrics are served and traces pushed, so that all kinds of built-in files are loaded. */
export async function tryBundle(
  { bundler, format }: Bundling,
  houseFolder: string,
  simulator: Simulator,
  node: NodeMajor,
  collector: Collector,
): Promise<string[]> {
  const folder = await mkdtemp(`${tmpdir()}/aimlapi-bundle-`)
  const file = format === 'esm' ? 'bundle.mjs' : 'bundle.cjs'
  const run = `${bundler}-${format}`
  try {
    await mkdir(`${folder}/programs`)
    const build = ['programs/bundlers/build.mjs', bundler, format, `${folder}/programs/${file}`]
    await execute(nodeBinary(node), build, { cwd: houseFolder })
    const environment = {
      OTEL_EXPORTER_PROMETHEUS_PORT: String(await findFreePort()),
      OTEL_TRACES_EXPORTER: 'otlp',
      OTEL_EXPORTER_OTLP_ENDPOINT: collector.endpoint(run),
      OTEL_EXPORTER_OTLP_PROTOCOL: 'http/json',
    }
    const script = startScript({ folder, node, file, environment }, simulator)
    const said = await script.said
    const { end, stderr } = await script.ended
    const { spans } = collector.take(run)
    return [
      ...differs('calls counted', said?.result, '1'),
      ...differs(
        'spans sent',
        spans.map(({ name }) => name),
        ['chat gpt-4o-mini'],
      ),
      ...differs('end', [end, stderr], [0, '']),
    ]
  } catch (error) {
    const { stdout = '', stderr = '', message } = error as Error & { stdout?: string; stderr?: string }
    return [`${bundler} fails: ${(stdout + stderr || message).slice(-600)}`]
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}
