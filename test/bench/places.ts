/** CPU profiles by place: which part of the process took the time of a call. */
import { existsSync, readFileSync } from 'node:fs'
import { SourceMap } from 'node:module'
import { fileURLToPath } from 'node:url'

interface Frame {
  readonly functionName: string
  readonly url: string
  readonly lineNumber: number
  readonly columnNumber: number
}

interface ProfileNode {
  readonly id: number
  readonly callFrame: Frame
  readonly children?: readonly number[]
}

/** What `Profiler.stop` of the inspector returns. */
export interface CpuProfile {
  readonly nodes: readonly ProfileNode[]
  readonly samples: readonly number[]
  /** Microseconds. */
  readonly timeDeltas: readonly number[]
}

/**
 * `client`: Node.js, the HTTP client and the program that calls. `sdk`: OpenTelemetry. `peer`: another instrumentation.
 * `idle` is no CPU time. All others are parts of this package.
 */
export type Place =
  | 'client'
  | 'collector'
  | 'sdk'
  | 'peer'
  | 'floor'
  | 'traffic'
  | 'api'
  | 'calls'
  | 'telemetry'
  | 'other rooms'
  | 'idle'

/** The folder of the package that is built with source maps, below the root of the repository. */
export const MAPPED_FOLDER = 'dist-mapped'
const ROOM = /\/src\/(traffic|api|calls|telemetry)\//
const maps = new Map<string, SourceMap | undefined>()

/**
 * Microseconds by place over the whole profile. Functions of the engine (`JSON.parse`, `sort`) belong to whoever calls them.
 */
export function sumByPlace(profile: CpuProfile): Map<Place, number> {
  const placeOfNode = placeNodes(profile.nodes)
  const sums = new Map<Place, number>()
  profile.samples.forEach((id, index) => {
    const place = placeOfNode.get(id) ?? 'client'
    sums.set(place, (sums.get(place) ?? 0) + (profile.timeDeltas[index] ?? 0))
  })
  return sums
}

/** Parents come before their children in a profile. */
function placeNodes(nodes: readonly ProfileNode[]): Map<number, Place> {
  const places = new Map<number, Place>()
  const callers = new Map<number, Place>()
  for (const { id, callFrame, children = [] } of nodes) {
    const place = placeOf(callFrame) ?? callers.get(id) ?? 'client'
    places.set(id, place)
    for (const child of children) callers.set(child, place)
  }
  return places
}

/** `undefined`: a function of the engine. */
function placeOf(frame: Frame): Place | undefined {
  const { url, functionName } = frame
  if (functionName === '(garbage collector)') return 'collector'
  if (functionName === '(idle)') return 'idle'
  if (url === '') return undefined
  if (url.includes('/node_modules/@opentelemetry/instrumentation-')) return 'peer'
  if (url.includes('/node_modules/@opentelemetry/')) return 'sdk'
  if (url.endsWith('/floor.mjs')) return 'floor'
  if (!url.includes(`/${MAPPED_FOLDER}/`)) return 'client'
  const source = mapOf(url)?.findEntry(frame.lineNumber, frame.columnNumber)
  const original = source !== undefined && 'originalSource' in source ? source.originalSource : ''
  return (ROOM.exec(`/${original}`)?.[1] as Place | undefined) ?? 'other rooms'
}

function mapOf(url: string): SourceMap | undefined {
  if (maps.has(url)) return maps.get(url)
  const file = `${fileURLToPath(url)}.map`
  const map = existsSync(file) ? new SourceMap(JSON.parse(readFileSync(file, 'utf8'))) : undefined
  maps.set(url, map)
  return map
}
