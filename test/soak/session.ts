/** Holds one realtime session with one of the clients, as long as was planned. */
import { WebSocket as UndiciSocket } from 'undici'
import {
  KEY_PLACES,
  talk,
  type AgentSocket,
  type SocketOptions,
} from '../integration/realtime-support/agent.ts'
import type { Player } from './play.ts'
import type { Step } from './plan.ts'

/** Where a session's key stands, by where that of a call would. */
const KEY_PLACE = { authorization: 0, 'x-api-key': 1, 'api-key': 2 } as const

export async function talkAsPlanned(
  step: Step,
  clientRequestId: string,
  { simulator, apiKeys }: Pick<Player, 'simulator' | 'apiKeys'>,
): Promise<void> {
  const { abort, body, fault, client } = step
  await talk({
    url: simulator.url,
    key: apiKeys[step.account] ?? '',
    keyIn: KEY_PLACES[KEY_PLACE[step.keyHeader]],
    model: String(body['model']),
    turns: Number(body['turns']),
    headers: {
      'x-client-request-id': clientRequestId,
      'x-sim-tag': step.team,
      'x-sim-options': step.options,
      ...(fault !== undefined && { 'x-sim-fault': fault }),
    },
    ...(typeof abort === 'object' && 'afterMessages' in abort && { leave: abort }),
    ...(client !== 'node-http' && { create: createByUndici }),
  })
}

function createByUndici(url: string, options: SocketOptions): AgentSocket {
  return new UndiciSocket(url, options) as unknown as AgentSocket
}
