/** The structures that every call goes through, filled to a size, and one use of each as a call makes it. */
import { createPendingCalls } from '../../src/account/pending-calls.ts'
import { AnsweredCalls } from '../../src/calls/answered-calls.ts'
import { createGeneration, type Generation } from '../../src/calls/generation.ts'
import { createKnownIds, type KnownIds } from '../../src/calls/known-ids.ts'
import { createOpenCalls, type OpenCall } from '../../src/calls/open-calls.ts'
import { createLabels, type Labels } from '../../src/telemetry/attributes.ts'
import { cleanModel, limitValues } from '../../src/telemetry/cardinality.ts'
import type { PendingCall, UsageIdentity } from '../../src/ports.ts'

/** Numbers of entries. */
export const SIZES = [10, 100, 1000, 10_000, 100_000] as const

/** One use; `step` counts up from 0. */
export type Use = (step: number) => void

export interface ScaleCase {
  readonly name: string
  readonly title: string
  readonly fill: (size: number) => Use
}

const IDENTITY: UsageIdentity = {
  operation: 'chat',
  endpoint: 'chat',
  requestModel: 'gpt-4o',
  account: 'default',
  tags: {},
  serverAddress: 'api.aimlapi.com',
  serverPort: 443,
}
const ACCOUNT = 'default'

function createIds(size: number): string[] {
  return Array.from({ length: size }, (_, index) => `inference-${index}`)
}

function createPending(inferenceId: string): PendingCall {
  return {
    account: ACCOUNT,
    inferenceIds: [inferenceId],
    startTimeMs: 0,
    accepts: () => true,
    found() {},
    lost() {},
  }
}

function fillKnownIds(size: number): { knownIds: KnownIds; generation: Generation } {
  const knownIds = createKnownIds(() => {}, size)
  const generation = createGeneration(IDENTITY, true)
  for (const id of createIds(size)) knownIds.rememberJob(id, generation)
  return { knownIds, generation }
}

function fillPending(size: number) {
  const pending = createPendingCalls([{ name: ACCOUNT }], size)
  for (const id of createIds(size)) pending.add(createPending(id), 0, 0)
  return pending
}

function identityOf(requestModel: string): UsageIdentity {
  return { ...IDENTITY, requestModel }
}

function fillLabels(size: number, maxModels: number): { labels: Labels; identities: UsageIdentity[] } {
  const labels = createLabels({ metricTags: [], maxModels, maxTagValues: 100 })
  const identities = createIds(size).map(identityOf)
  for (const identity of identities) labels.ofCall(identity)
  return { labels, identities }
}

export const SCALE_CASES: readonly ScaleCase[] = [
  {
    name: 'generation-found',
    title: 'a poll finds its generation',
    fill(size) {
      const { knownIds } = fillKnownIds(size)
      const ids = createIds(size)
      return (step) => knownIds.find(ids[step % size] as string)
    },
  },
  {
    name: 'generation-evicted',
    title: 'a generation comes, the oldest goes',
    fill(size) {
      const { knownIds, generation } = fillKnownIds(size)
      return (step) => knownIds.rememberJob(`later-${step}`, generation)
    },
  },
  {
    name: 'pending-settled',
    title: 'a call becomes pending and is settled',
    fill(size) {
      const pending = fillPending(size)
      return (step) => {
        const call = createPending(`later-${step}`)
        pending.add(call, step, 0)
        pending.remove(call)
      }
    },
  },
  {
    name: 'pending-evicted',
    title: 'a call becomes pending, the oldest is given up',
    fill(size) {
      const pending = fillPending(size)
      return (step) => pending.add(createPending(`later-${step}`), step, 0)
    },
  },
  {
    name: 'open-calls',
    title: 'a call begins and ends beside others',
    fill(size) {
      const openCalls = createOpenCalls(() => {})
      const createOpen = (): OpenCall => ({
        lastEventMs: 0,
        status: undefined,
        end() {},
      })
      for (let index = 0; index < size; index++) openCalls.add(createOpen())
      return () => {
        const call = createOpen()
        openCalls.add(call)
        openCalls.remove(call)
      }
    },
  },
  {
    name: 'taken-ids',
    title: 'an inference id is remembered (the newest 10,000 are kept)',
    fill(size) {
      const answeredCalls = new AnsweredCalls()
      for (const id of createIds(size)) answeredCalls.addInference(id)
      return (step) => answeredCalls.addInference(`later-${step}`)
    },
  },
  {
    name: 'label-admitted',
    title: 'a label value that is known, of so many',
    fill(size) {
      const admit = limitValues(size, cleanModel)
      const names = createIds(size)
      for (const name of names) admit(name)
      return (step) => admit(names[step % size] as string)
    },
  },
  {
    name: 'label-overflow',
    title: 'a label value past the cap of so many',
    fill(size) {
      const admit = limitValues(size, cleanModel)
      for (const name of createIds(size)) admit(name)
      return (step) => admit(`later-${step}`)
    },
  },
  {
    name: 'label-sets-cached',
    title: 'the label set of a call, one model after so many',
    fill(size) {
      const { labels } = fillLabels(size, size)
      const identity = identityOf('inference-0')
      return () => labels.ofCall(identity)
    },
  },
  {
    name: 'label-sets',
    title: 'the label sets of calls to so many models in turn',
    fill(size) {
      const { labels, identities } = fillLabels(size, 200)
      return (step) => labels.ofCall(identities[step % size] as UsageIdentity)
    },
  },
]
