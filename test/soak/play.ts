/** Plays a plan as an application would: calls, retries, polls for what does not come at once, fetches results again. */
import { setTimeout as sleep } from 'node:timers/promises'
import { withSpendTags } from '../../src/calls/tags.ts'
import type { LedgerEntry, Simulator } from '../simulator/index.ts'
import type { Step } from './plan.ts'
import { type Incoming, type Send } from './send.ts'
import { talkAsPlanned } from './session.ts'

export interface Player {
  readonly send: Send
  readonly simulator: Simulator
  /** Of the accounts, by the index that steps have. */
  readonly apiKeys: readonly string[]
}

/** What calls, polls and ledger have in common of one step. */
export function clientRequestIdOf(index: number): string {
  return `soak-${index}`
}

export async function playSteps(steps: readonly Step[], player: Player, concurrency: number): Promise<void> {
  const queue = steps.entries()
  const worker = async (): Promise<void> => {
    for (const [index, step] of queue) await playStep(step, clientRequestIdOf(index), player)
  }
  await Promise.all(Array.from({ length: concurrency }, worker))
}

async function playStep(step: Step, clientRequestId: string, player: Player): Promise<void> {
  const { send, simulator } = player
  if (step.kind.session === true)
    return withSpendTags({ team: step.team }, () => talkAsPlanned(step, clientRequestId, player))
  const common = headersOf(step, clientRequestId, player)
  if (step.replays > 0) common['idempotency-key'] = clientRequestId
  const answer = await withSpendTags({ team: step.team }, () => call(step, common, clientRequestId, player))
  for (let replays = 0; replays < step.replays; replays++)
    await withSpendTags({ team: step.team }, () => call(step, common, clientRequestId, player))
  const jobId = readJobId(answer.text)
  if (step.kind.readPath !== undefined && jobId !== undefined && jobId !== '')
    for (let reads = 0; reads < step.reads; reads++)
      await send({
        client: step.client,
        url: simulator.url + step.kind.readPath(jobId),
        method: 'GET',
        headers: common,
      })
  if (step.kind.pollPath === undefined || jobId === undefined) return
  const { client } = step
  if (step.cancelled && step.kind.cancelPath !== undefined)
    await send({ client, url: simulator.url + step.kind.cancelPath(jobId), method: 'POST', headers: common })
  const url = simulator.url + step.kind.pollPath(jobId)
  for (let polls = 0; polls < step.polls; polls++) {
    const headers = polls === 0 ? { ...common, ...faultHeader(step.fault) } : common
    // Polled from outside the tags, by several clients at once: the generation stays the create call's.
    await Promise.all(
      Array.from({ length: step.pollers }, (_, index) =>
        send({ client: index === 1 ? 'undici' : client, url, method: 'GET', headers }),
      ),
    )
  }
}

/** As the OpenAI clients do it: again after a failure that may pass, under the same id, saying which attempt it is. */
async function call(
  step: Step,
  common: Record<string, string>,
  clientRequestId: string,
  { send, simulator }: Player,
): Promise<Incoming> {
  const { client, firstFaults = [], abort } = step
  if (firstFaults.length > 0) simulator.misbehave({ clientRequestId, fault: firstFaults })
  const { contentType, body } = encodeBody(step)
  const headers = { ...common, 'content-type': contentType, ...faultHeader(step.fault) }
  const url = simulator.url + step.kind.path
  const request = { client, url, method: 'POST', body, abort } as const
  const charged = (): Promise<void> => untilCharged(clientRequestId, simulator)
  let answer: Incoming = {}
  for (let attempt = 0; attempt <= firstFaults.length; attempt++) {
    const count = { 'x-stainless-retry-count': String(attempt) }
    answer = await send({ ...request, headers: { ...headers, ...count }, charged })
    if (answer.text !== undefined && (answer.status ?? 0) < 429) break
  }
  return answer
}

async function untilCharged(clientRequestId: string, { ledger }: Simulator): Promise<void> {
  const isMine = (entry: LedgerEntry): boolean => entry.clientRequestId === clientRequestId
  while (!ledger.entries().some(isMine)) await sleep(10)
}

function headersOf(step: Step, clientRequestId: string, { apiKeys }: Player): Record<string, string> {
  const key = apiKeys[step.account] ?? ''
  return {
    [step.keyHeader]: step.keyHeader === 'authorization' ? `Bearer ${key}` : key,
    'x-client-request-id': clientRequestId,
    'x-sim-tag': step.team,
    'x-sim-options': step.options,
  }
}

function faultHeader(fault = ''): Record<string, string> {
  return fault === '' ? {} : { 'x-sim-fault': fault }
}

const BOUNDARY = 'soak-boundary'

function encodeBody({ kind, body }: Step): { contentType: string; body: string } {
  if (kind.form !== true) return { contentType: 'application/json', body: JSON.stringify(body) }
  const parts = Object.entries(body).map(
    ([name, value]) =>
      `--${BOUNDARY}\r\ncontent-disposition: form-data; name="${name}"\r\n\r\n${String(value)}\r\n`,
  )
  return {
    contentType: `multipart/form-data; boundary=${BOUNDARY}`,
    body: `${parts.join('')}--${BOUNDARY}--\r\n`,
  }
}

function readJobId(answer: string | undefined): string | undefined {
  try {
    const body = JSON.parse(answer ?? '') as { id?: unknown; generation_id?: unknown } | null
    const id = body?.generation_id ?? body?.id
    return typeof id === 'string' ? id : undefined
  } catch {
    return undefined
  }
}
