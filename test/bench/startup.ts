/**
 * `npm run bench:startup`: what register() takes beside NodeSDK and PrometheusExporter started by hand, what it loads,
 * and what its installation weighs.
 *
 *   --node 22,24   only these versions of Node.js
 *   --pairs N      pairs of processes for each, default 15
 *   --write        keep the figures in results.json, for `npm run docs`
 */
import { parseArgs } from 'node:util'
import { findFreePorts } from '../free-port.ts'
import { installByHand, installPackage, type Installation } from './installation.ts'
import { findNodes, type MeasuredNode } from './nodes.ts'
import { runFile } from './processes.ts'
import { readResults, writeResults, type StartupResult } from './results.ts'
import { formatStartup } from './startup-table.ts'
import { median, spreadOf } from './statistics.ts'

interface Started {
  /** From before the first import until it is started. */
  readonly ms: number
  /** CommonJS alone can say it. */
  readonly files?: readonly string[]
}

const { values: options } = parseArgs({
  options: {
    node: { type: 'string' },
    pairs: { type: 'string', default: '15' },
    write: { type: 'boolean', default: false },
  },
})
/** What nothing in the default configuration needs. */
const HEAVY =
  /^(?:@grpc\/.*|protobufjs|@protobufjs\/.*|@opentelemetry\/(?:exporter-(?!prometheus).*|otlp-.*|propagator-(?:b3|jaeger)))$/
const [port = 0] = await findFreePorts(1)

function start(node: MeasuredNode, { folder }: Installation, program: string): Promise<Started> {
  return runFile<Started>(node, `${folder}/${program}`, [String(port)])
}

async function measureFormat(node: MeasuredNode, extension: string): Promise<StartupResult['esm']> {
  const oursMs: number[] = []
  const byHandMs: number[] = []
  // The first of each is thrown away: its files are not in memory yet.
  for (let pair = -1; pair < Number(options.pairs); pair++) {
    const programs = [
      { installation: ours, name: 'register', times: oursMs },
      { installation: byHand, name: 'by-hand', times: byHandMs },
    ]
    for (const { installation, name, times } of pair % 2 === 0 ? programs : programs.reverse()) {
      const { ms } = await start(node, installation, `${name}.${extension}`)
      if (pair >= 0) times.push(ms)
    }
  }
  return {
    oursMs: median(oursMs),
    byHandMs: median(byHandMs),
    ratio: spreadOf(oursMs.map((ms, index) => ms / (byHandMs[index] ?? Number.NaN))),
  }
}

/** The names of the packages that a program has loaded. */
async function findLoaded(
  node: MeasuredNode,
  installation: Installation,
  program: string,
): Promise<string[]> {
  const { files = [] } = await start(node, installation, program)
  const names = files.map((file) => /.*\/node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(file)?.[1])
  return [...new Set(names.filter((name) => name !== undefined))].sort()
}

async function measureStartup(node: MeasuredNode): Promise<StartupResult> {
  const loaded = await findLoaded(node, ours, 'register.cjs')
  const loadedByHand = await findLoaded(node, byHand, 'by-hand.cjs')
  return {
    esm: await measureFormat(node, 'mjs'),
    commonjs: await measureFormat(node, 'cjs'),
    loaded: { ours: loaded.length, byHand: loadedByHand.length },
    heavy: {
      ours: loaded.filter((name) => HEAVY.test(name)),
      byHand: loadedByHand.filter((name) => HEAVY.test(name)),
    },
  }
}

const ours = installPackage()
const byHand = installByHand()
const installed = { ours: ours.size, byHand: byHand.size }
const startup: Record<string, StartupResult> = {}
try {
  for (const node of findNodes(options.node)) startup[node.major] = await measureStartup(node)
} finally {
  ours.remove()
  byHand.remove()
}
const results = { startup: { ...readResults().startup, ...startup }, installed }
if (options.write) writeResults(results)
console.log(formatStartup({ startup, installed }))
