/**
 * Unofficial. No channel has the bytes of a session. A session has a socket of its own; three methods of that socket
 * are overridden while the session lasts: `push` (received), `write` (sent) and `_destroy` (the end). No listener is
 * added: a 'data' listener would switch the socket to flowing.
 *
 * Measured on Node 20.20, 22.23, 24.21 and 26.10 with `ws` 8.0 to 8.23 and undici 6 to 8;
 * `test/integration/no-harm-websocket.test.ts` compares every byte, and fails when these are no longer called.
 */
import type { Duplex } from 'node:stream'
import { toBytes } from './bytes.ts'
import type { Unhook } from './exchange.ts'
import { overrideMethods, patch, type Method } from './patch.ts'
import type { SocketSession } from './websocket-session.ts'

/** The overrides of all handshakes and sessions under way, to undo them together. */
export class SocketOverrides {
  readonly #undo = new Set<Unhook>()

  /** Keeps an undo until it is called: through the returned function, or by `undoAll`. */
  add(undo: Unhook): Unhook {
    const undoOnce = (): void => {
      if (this.#undo.delete(undoOnce)) undo()
    }
    this.#undo.add(undoOnce)
    return undoOnce
  }

  /** Passes the bytes of the socket to the session until the socket is destroyed. */
  watch(socket: Duplex, session: SocketSession): void {
    const undo = this.add(watchSocket(socket, session, () => undo()))
  }

  undoAll(): void {
    for (const undo of this.#undo) undo()
  }
}

function watchSocket(socket: Duplex, session: SocketSession, onEnd: () => void): Unhook {
  const undoMethods = overrideMethods<Duplex>(socket, {
    push: (below) =>
      function (this: Duplex, chunk: unknown, encoding: unknown): unknown {
        if (chunk === null) session.serverEnded()
        else session.receivedBytes(Buffer.isBuffer(chunk) ? chunk : toBytes(chunk, encoding))
        return Reflect.apply(below.push, this, arguments)
      } as Method,
    write: (below) =>
      function (this: Duplex, chunk: unknown, encoding: unknown): unknown {
        if (!session.ended) session.sentBytes(toBytes(chunk, encoding))
        return Reflect.apply(below.write, this, arguments)
      } as Method,
  })
  const undoEnd = patch(socket, '_destroy', (original, self, args) => {
    session.disconnected(args[0])
    onEnd()
    return Reflect.apply(original, self, args)
  })
  return () => {
    undoMethods()
    undoEnd()
  }
}
