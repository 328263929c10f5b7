/**
 * The contract between the hooks and whoever reads WebSocket sessions. A hook calls `BeginSession` for each handshake
 * that is sent; the `SessionObserver` that it returns gets every event of the session, in order, and `end` once, or
 * never where the hook is removed before. What it throws is caught, reported, and ends the observation of that session.
 */
import type { HeaderLookup, RequestHead } from './exchange.ts'

/**
 * Decides whether a session is observed. Called synchronously in the async context of the caller's own call. The
 * origin has the scheme of the handshake: `https://` for `wss://`. `undefined`: the session is not observed.
 */
export type BeginSession = (handshake: RequestHead) => SessionObserver | undefined

export interface SessionHookOptions {
  /** Without it, no session is observed. */
  readonly beginSession?: BeginSession
}

/** Takes the messages of one session and its end. */
export interface SessionObserver {
  /** Runs `publish` synchronously, with the session's span as the active one. */
  within(publish: () => void): void
  /** The response to the handshake: 101, or why there is no session. `header` is valid until the call returns. */
  answered(status: number, header: HeaderLookup): void
  /** Reads what the server sends. */
  readonly received: MessageReader
  /** Reads what the application sends. */
  readonly sent: MessageReader
  end(ending: SessionEnding): void
}

/** How a session ended. */
export interface SessionEnding {
  /** The code of the first close frame of either side; 1005 if it has none. Absent: there was no close frame. */
  readonly closeCode?: number
  /** Why there is no close frame: `aborted`, `abandoned`, `timeout`, a system code, or `_OTHER`. */
  readonly errorType?: string
}

/** Reads the messages of one direction. Bytes are borrowed: valid until the call returns. */
export interface MessageReader {
  /** No later message is needed: they are skipped. */
  readonly isDone: boolean
  /**
   * Whether the message that begins with `bytes[from, to)` is to be written: its first `PREFIX_BYTES`, or all of a
   * shorter one. The bytes of other messages are skipped.
   */
  wants(bytes: Buffer, from: number, to: number): boolean
  /** The next part of a wanted message, from its first byte on. */
  write(bytes: Buffer, from: number, to: number): void
  /** The wanted message was written to its end. */
  finish(): void
  /**
   * A message could not be read: it was `too_large`, or its compression `undecodable`. When messages depend on earlier
   * ones, nothing more of this direction is read.
   */
  lose(problem: 'too_large' | 'undecodable'): void
}

/** Bytes at the beginning of a message from which `wants` decides. */
export const PREFIX_BYTES = 256
