/** Asynchronous jobs: queued → generating → completed or error, and what they cost on the way. */
import type { LedgerEntry } from './ledger.ts'
import type { Behaviour } from './behaviour.ts'
import type { Billing, Charge } from './billing.ts'
import type { Call, Json, JsonObject } from './call.ts'
import type { Model } from './models.ts'

export type JobStatus = 'queued' | 'generating' | 'completed' | 'error'

export interface Job {
  /** As the body of the create answer names it; what a client polls with. */
  readonly id: string
  readonly inferenceId: string
  readonly account: string
  readonly model: Model
  readonly behaviour: Behaviour
  readonly createdAt: number
  readonly held: LedgerEntry
  /** What the body of a completed job holds. */
  readonly result: JsonObject
  status: JobStatus
  polls: number
}

export interface NewJob {
  readonly call: Call
  readonly model: Model
  readonly charge: Charge
  readonly result: JsonObject
  /** Instead of the id that the model's traits ask for. */
  readonly id?: string
}

export interface Jobs {
  /** Takes the hold. */
  create(job: NewJob): Job
  get(id: string): Job | undefined
  /** Counts a poll and moves the job on; the last step settles or releases the hold. */
  poll(job: Job): JobStatus
  /** Lets one job finish now. */
  finish(job: Job): void
  /** Keeps something that is read again by its id. */
  keep(id: string, account: string, body: Json): void
  kept(id: string, account: string): Json | undefined
  /** Lets every open job finish now, as if time had passed. */
  finishAll(): void
}

const NANOID = /^[A-Za-z0-9_-]{21}$/

/** The id header of a poll echoes the polled id, unless it is malformed. */
export function echoedId(id: string): string | null {
  return NANOID.test(id) ? id : null
}

function idFor(call: Call, model: Model): string {
  switch (model.traits.idForm) {
    case 'nanoid':
      return call.inferenceId
    case 'uuid-model':
      return `${call.random.uuid()}:${model.name}`
    case 'video-model':
      return `video_${call.random.hex(48)}:${model.name}`
    case 'number':
      return String(100_000_000_000_000 + Math.floor(call.random.next() * 800_000_000_000_000))
  }
}

/** @param maxJobs finished jobs beyond it are forgotten, oldest first; unfinished ones never. */
export function createJobs(billing: Billing, now: () => number, maxJobs: number): Jobs {
  const jobs = new Map<string, Job>()
  const stored = new Map<string, { readonly account: string; readonly body: Json }>()

  function finish(job: Job): void {
    const fails = job.behaviour.outcome === 'error' || job.model.traits.jobFails
    job.status = fails ? 'error' : 'completed'
    if (fails) billing.release(job.held)
    else billing.settle(job.held)
  }

  function forget(): void {
    let excess = jobs.size - maxJobs
    for (const job of jobs.values()) {
      if (excess-- <= 0) break
      if (job.status === 'completed' || job.status === 'error') jobs.delete(job.id)
    }
  }

  return {
    create({ call, model, charge, result, id }) {
      const job: Job = {
        id: id ?? idFor(call, model),
        inferenceId: call.inferenceId,
        account: call.key.account.name,
        model,
        behaviour: call.behaviour,
        createdAt: now(),
        held: billing.charge(call, model, { ...charge, status: 'held' }),
        result,
        status: 'queued',
        polls: 0,
      }
      jobs.set(job.id, job)
      forget()
      return job
    },
    get: (id) => jobs.get(id),
    finish,
    keep(id, account, body) {
      stored.set(id, { account, body })
      const [oldest] = stored.keys()
      if (stored.size > maxJobs && oldest !== undefined) stored.delete(oldest)
    },
    kept(id, account) {
      const found = stored.get(id)
      return found?.account === account ? found.body : undefined
    },
    poll(job) {
      if (job.status === 'completed' || job.status === 'error') return job.status
      job.polls += 1
      job.status = 'generating'
      const byTime = job.behaviour.jobMs > 0 && now() - job.createdAt >= job.behaviour.jobMs
      if (byTime || job.polls >= job.behaviour.polls) finish(job)
      return job.status
    },
    finishAll() {
      for (const job of jobs.values()) if (job.status === 'queued' || job.status === 'generating') finish(job)
    },
  }
}
