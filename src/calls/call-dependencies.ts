/** What all calls of a process share: where they read from and report to. */
import type { CallSink } from '../ports.ts'
import type { Accounting } from './accounting.ts'
import type { AnsweredCalls } from './answered-calls.ts'
import type { FindAccount } from './account-finder.ts'
import type { Deferral } from './deferral.ts'
import type { Generations } from './generations.ts'
import type { OpenCalls } from './open-calls.ts'
import type { ReadTags } from './tag-reader.ts'

export interface CallDependencies {
  readonly sink: CallSink
  readonly findAccount: FindAccount
  readonly readTags: ReadTags
  readonly generations: Generations
  readonly accounting: Accounting
  readonly answeredCalls: AnsweredCalls
  readonly openCalls: OpenCalls
  /** Where calls wait between their end and being recorded. */
  readonly deferral: Deferral
  /** Called with what recording a decoded call throws. */
  readonly onInternalError: (error: unknown) => void
}
