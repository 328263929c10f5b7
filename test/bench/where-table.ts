/** The table of places where the main thread's time of a call goes. */
import { formatTable } from '../../scripts/docs/table.ts'
import type { Place } from './places.ts'
import type { PlacesOfSubjects } from './results.ts'

/** What is profiled. The package runs in the host's SDK, so that the SDK's own code is the same for all. */
export const PROFILED_SUBJECTS: Readonly<Record<string, string>> = {
  plain: 'plain',
  busy: 'plain, and 30 µs of work of the application',
  floor: 'floor',
  'floor-once': 'floor with all steps',
  'instrumentation-undici': '`instrumentation-undici`',
  'ours-host-mapped': 'this package',
}

/** Names in workloads.ts, each with its subjects. */
export const PROFILED_WORKLOADS: Readonly<Record<string, readonly string[]>> = {
  'undici-json': Object.keys(PROFILED_SUBJECTS),
  'fetch-json': Object.keys(PROFILED_SUBJECTS),
  'fetch-sse': Object.keys(PROFILED_SUBJECTS),
  'http-json': Object.keys(PROFILED_SUBJECTS).filter((name) => name !== 'instrumentation-undici'),
}

const PLACES: Readonly<Record<Exclude<Place, 'idle'>, string>> = {
  client: 'Node.js and the HTTP client, with what is called back there',
  collector: 'garbage collection',
  sdk: 'OpenTelemetry: spans, histograms, counters',
  peer: 'the instrumentation',
  floor: 'hand-written: hooks, reading, counting',
  traffic: "`src/traffic`: hooks, guards, the caller's context",
  api: '`src/api`: reading head and body of request and response',
  calls: '`src/calls`: one call, charged once',
  telemetry: '`src/telemetry`: labels, counters, attributes of the span',
  'other rooms': 'the rest of `src`',
}

/** Microseconds of one call by place, and their sum. */
export function formatPlaces(subjects: PlacesOfSubjects): string {
  const names = Object.keys(PROFILED_SUBJECTS).filter((name) => subjects[name] !== undefined)
  const rows = Object.entries(PLACES).map(([place, title]) => [
    title,
    ...names.map((name) => formatUs(subjects[name]?.[place])),
  ])
  const sums = names.map((name) => Object.values(subjects[name] ?? {}).reduce((sum, us) => sum + us, 0))
  return formatTable(
    ['Microseconds of the main thread per call', ...names.map((name) => PROFILED_SUBJECTS[name] as string)],
    [...rows, ['all', ...sums.map(formatUs)]],
  )
}

function formatUs(us = 0): string {
  return us === 0 ? '' : us.toFixed(1)
}
