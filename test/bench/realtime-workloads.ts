/** The frames of realtime sessions that are measured, what is measured with them, and what one may cost. */
import framesPerCall from './programs/frames-per-call.json'
import type { WorkloadRow } from './workloads.ts'

/** One call of such a workload reads many frames. */
export interface RealtimeWorkload extends WorkloadRow {
  readonly framesPerCall: number
  /** The most CPU time that may be added to a frame, beyond what the control strays. */
  readonly budgetUs?: number
  /** No processes with and without the package: sessions of one process alone. */
  readonly inTurnsAlone?: boolean
}

const SUBJECTS = ['sdk', 'ours-elsewhere', 'ours']

export const REALTIME_WORKLOADS: readonly RealtimeWorkload[] = [
  {
    name: 'realtime-text',
    title: 'a piece of text, 230 B',
    budget: {},
    budgetUs: 1,
    framesPerCall: framesPerCall['realtime-text'],
    countedCalls: 20,
    subjects: SUBJECTS,
  },
  {
    name: 'realtime-audio',
    title: 'a piece of sound, 100 kB',
    budget: {},
    budgetUs: 1,
    framesPerCall: framesPerCall['realtime-audio'],
    subjects: SUBJECTS,
  },
  {
    name: 'realtime-gemini',
    title: 'a piece of sound, 100 kB, Gemini Live (usage may stand behind it)',
    budget: {},
    framesPerCall: framesPerCall['realtime-gemini'],
    subjects: [],
    inTurnsAlone: true,
  },
]

/** In the order of the table. */
export const REALTIME_SUBJECTS: Readonly<Record<string, string>> = {
  'beside-ours': 'in one process: this session is observed',
  'beside-empty': 'in one process: overrides that only pass on',
  'beside-control': 'in one process: a second session that is not observed',
  ours: 'processes: this package',
  'ours-elsewhere': 'processes: this package, the session of another host',
  sdk: "processes: OpenTelemetry's SDK alone",
  control: 'processes: nothing (control)',
}
