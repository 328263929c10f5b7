/** Finds the generation that a response belongs to, by any id that it or an earlier response named. */
import type { Route } from '../api/families.ts'
import { isEmpty } from '../api/usage.ts'
import type { CallStart, UsageIdentity } from '../ports.ts'
import type { Writable } from '../writable.ts'
import { isComplete } from './charging.ts'
import { inferenceIdOf, isSuccess, type FinishedCall } from './finished-call.ts'
import { createGeneration, join, rootOf, type Generation } from './generation.ts'
import type { KnownIds } from './known-ids.ts'

/** Called before one generation is merged into another one, which it has proved to be. */
export interface UnionListener {
  unite(into: Generation, from: Generation): void
}

/** Finds the generation that a call or a row of the log reports, and merges those that prove to be one. */
export class Generations {
  readonly #ids: KnownIds
  readonly #listener: UnionListener

  constructor(knownIds: KnownIds, listener: UnionListener) {
    this.#ids = knownIds
    this.#listener = listener
  }

  /** The generation that a poll names in its path, when it is known. */
  findPolled({ phase, generationId }: Route): Generation | undefined {
    return phase === 'poll' && generationId !== undefined ? this.#ids.find(generationId) : undefined
  }

  /** The generation of a job whose response begins: it may be polled before that response has been read completely. */
  findOrCreate(start: CallStart, isOwn: boolean, id: string | undefined): Generation {
    const known = id === undefined ? undefined : this.#ids.find(id)
    if (known !== undefined) return known
    const generation = createGeneration(start, isOwn)
    if (id !== undefined) this.#ids.rememberJob(id, generation)
    return generation
  }

  /** The generation of a finished call: a known one, else a new one. */
  identify(call: FinishedCall): Generation {
    const { route, isRetrieval, start, clientRequestId } = call
    const isOwn = route.phase !== 'poll' && !isRetrieval
    const generation = this.#findKnown(call) ?? createGeneration(start, isOwn)
    if (isOwn && !generation.isOwn) {
      generation.isOwn = true
      generation.identity = start
    }
    if (isOwn) {
      generation.inferenceId ??= inferenceIdOf(call)
      generation.clientRequestId ??= clientRequestId
    }
    learnModels(generation, call)
    return generation
  }

  /**
   * The generation of a row of the log, which was looked up for `found`. The row may be the first to say its inference id:
   * a generation that is known under that id is the same one, and what comes later under it reports nothing new.
   */
  identifyRow(found: Generation, inferenceId: string | undefined): Generation {
    if (inferenceId === undefined) return found
    const known = this.#ids.findInference(inferenceId)
    const generation = known === undefined ? found : this.#unite(found, known)
    generation.inferenceId ??= inferenceId
    if (known === undefined) this.#ids.rememberAnswer(inferenceId, [], generation)
    return generation
  }

  /** Keeps the generation under every id that the call has named. */
  remember(call: FinishedCall, generation: Generation): void {
    const { route, facts, inferenceId } = call
    if (!isSuccess(call.status) || isUnbilled(route)) return
    // Something that was read and has no figures: its id would take the place of a job's.
    if (call.isRetrieval && route.phase === 'sync' && isEmpty(generation.counted)) return
    // Read before its create call ended: kept as a job, or the create call would look like a repetition.
    const isAnswer = route.phase === 'sync' && facts.jobStatus !== 'pending' && generation.isOwn
    if (isAnswer) {
      // When it is complete, later responses need its labels only.
      const isKept = generation.state === 'open' && !isComplete(generation)
      const answered = isKept ? generation : generation.identity
      this.#ids.rememberAnswer(inferenceId, facts.ids, answered)
      return
    }
    if (route.generationId !== undefined) this.#ids.rememberJob(route.generationId, generation)
    if (inferenceId !== undefined) this.#ids.rememberJob(inferenceId, generation)
    for (const id of facts.ids) this.#ids.rememberJob(id, generation)
  }

  #findKnown(call: FinishedCall): Generation | undefined {
    const { route, isRetrieval } = call
    if (isUnbilled(route)) return undefined
    return route.phase === 'sync' && !isRetrieval ? this.#findReplayed(call) : this.#findNamed(call)
  }

  /** By inference id alone: ids of bodies repeat. Or it is the create call of a generation polled before. */
  #findReplayed(call: FinishedCall): Generation | undefined {
    if (!isSuccess(call.status)) return undefined
    if (call.facts.jobStatus === 'pending') return this.#findNamed(call)
    const { inferenceId, facts } = call
    const replayed = inferenceId === undefined ? undefined : this.#ids.findInference(inferenceId)
    if (replayed !== undefined) return replayed
    for (const id of facts.ids) {
      const polled = this.#ids.findJob(id)
      if (polled?.isOwn === false) return polled
    }
    return undefined
  }

  /** Jobs, polls and reads are identified by every id. Generations that share a response are merged. */
  #findNamed({ route, status, facts, inferenceId, generation }: FinishedCall): Generation | undefined {
    const polledId = route.phase === 'poll' ? route.generationId : undefined
    const ids = isSuccess(status) ? [polledId, ...facts.ids, inferenceId] : [polledId]
    let named = generation && rootOf(generation)
    for (const id of ids) {
      const known = id === undefined ? undefined : this.#ids.find(id)
      if (known !== undefined) named = named === undefined ? known : this.#unite(named, known)
    }
    return named
  }

  /** Merges two roots. A generation is never merged into itself: `rootOf` would have no end. */
  #unite(one: Generation, other: Generation): Generation {
    if (one === other) return one
    const [into, from] = other.isOwn && !one.isOwn ? [other, one] : [one, other]
    this.#listener.unite(into, from)
    join(into, from)
    return into
  }
}

/** Changes, deletes or lists what is stored: it repeats the ids and figures of what generated it. */
function isUnbilled({ billing }: Route): boolean {
  return billing === 'none'
}

/** Adds the models that a response names to the labels. A model that is known already is never replaced. */
function learnModels(generation: Generation, { route, start, facts }: FinishedCall): void {
  const { identity } = generation
  const asked = identity.requestModel ?? start.requestModel ?? facts.requestedModel
  const responseModel = identity.responseModel ?? (route.phase === 'poll' ? undefined : facts.responseModel)
  const routedModel = identity.routedModel ?? facts.routedModel
  if (
    asked === identity.requestModel &&
    responseModel === identity.responseModel &&
    routedModel === identity.routedModel
  )
    return
  const learnt: Writable<UsageIdentity> = { ...identity }
  if (asked !== undefined) learnt.requestModel = asked
  if (responseModel !== undefined) learnt.responseModel = responseModel
  if (routedModel !== undefined) learnt.routedModel = routedModel
  generation.identity = learnt
}

/** What chooses the model that answers and is paid. */
const ROUTERS = /(?:^|[/-])router$/i

/** A routed call that broke off has not said who answered: the log does. */
export function nameRoutedModel(generation: Generation, loggedModel: string | undefined): void {
  const { requestModel, responseModel, routedModel } = generation.identity
  if (loggedModel === undefined || routedModel !== undefined || !ROUTERS.test(requestModel ?? '')) return
  generation.identity = {
    ...generation.identity,
    responseModel: responseModel ?? loggedModel,
    routedModel: loggedModel,
  }
}
