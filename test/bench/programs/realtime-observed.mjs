// A realtime session that the package observes.
import { takeLastSpan } from './forget.mjs'
import { openSession } from './realtime-frames.mjs'
import { startSubject } from './subjects.mjs'

/** Of each response that the server sends. */
const OUTPUT_TOKENS = 5

/**
 * @returns the session, the two functions that may receive its bytes as `socket.push`, and `check()`, which throws if
 *   the package does not read the session (any more): what does not do its work is fast.
 */
export async function openObserved(opened) {
  const { origin, frame } = opened
  const flush = await startSubject('ours', {}, [origin])
  const session = await openSession(opened)
  const { socket } = session
  const observed = socket.push
  const plain = Object.getPrototypeOf(socket).push
  if (observed === plain) throw new Error(`${frame}: the session is not observed`)
  const check = async () => {
    await flush()
    takeLastSpan()
    await session.readResponse()
    await flush()
    if (takeLastSpan()?.attributes['gen_ai.usage.output_tokens'] !== OUTPUT_TOKENS)
      throw new Error(`${frame}: the package has not read the last response`)
  }
  return { session, observed, plain, check }
}

/** An own property in each case: only the function differs. */
export function receiveBy(socket, push) {
  Object.defineProperty(socket, 'push', { value: push, configurable: true, writable: true })
}
