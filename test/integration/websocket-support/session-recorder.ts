import type { HeaderLookup, HookOptions, RequestHead, Unhook } from '../../../src/traffic/exchange.ts'
import { hookNodeHttp } from '../../../src/traffic/node-http.ts'
import { hookUndici } from '../../../src/traffic/undici.ts'
import type { SessionEnding, SessionObserver } from '../../../src/traffic/websocket.ts'
import { KeptMessages } from '../../unit/traffic/websocket-support.ts'

/** Everything that one SessionObserver was told. */
export class RecordedSession implements SessionObserver {
  readonly head: RequestHead
  readonly received = new KeptMessages()
  readonly sent = new KeptMessages()
  readonly answers: number[] = []
  readonly endings: SessionEnding[] = []

  constructor(head: RequestHead) {
    this.head = head
  }

  within(publish: () => void): void {
    publish()
  }

  answered(status: number, header: HeaderLookup): void {
    this.answers.push(status)
    if (status === 101 && header('sec-websocket-accept') === undefined) throw new Error('no header')
  }

  end(ending: SessionEnding): void {
    this.endings.push(ending)
  }
}

/** Hooks both transports; `begin` decides what observes a session, a recorder by default. */
export function recordSessions(begin?: (head: RequestHead) => SessionObserver | undefined): {
  readonly sessions: RecordedSession[]
  readonly errors: unknown[]
  readonly unhook: Unhook
} {
  const sessions: RecordedSession[] = []
  const errors: unknown[] = []
  const options: HookOptions & { beginSession(head: RequestHead): SessionObserver | undefined } = {
    begin: () => undefined,
    beginSession:
      begin ??
      ((head) => {
        const session = new RecordedSession(head)
        sessions.push(session)
        return session
      }),
    nestHttpSpans: true,
    onInternalError: (error) => errors.push(error),
  }
  const unhooks = [hookUndici(options), hookNodeHttp(options)]
  return { sessions, errors, unhook: () => unhooks.forEach((unhook) => unhook()) }
}
