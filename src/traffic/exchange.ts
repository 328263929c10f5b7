/**
 * The contract between the hooks and whoever reads the traffic. A hook (undici, node:http) calls `Begin` for every
 * request. The `Exchange` that it returns gets the events of that request, in order, and `end` once, or never where the
 * hook is removed before. It may throw: `guard.ts` catches that and ends the observation.
 */

/** Reads one header by its lower-case name; several values are joined by ", ". */
export type HeaderLookup = (name: string) => string | undefined

/** What is known of a request before its body. */
export interface RequestHead {
  /** Upper case. */
  readonly method: string
  /** Scheme, host and port of the target (of the proxied target, not of the proxy), e.g. `https://api.aimlapi.com`. */
  readonly origin: string
  /** Path and query, as sent. */
  readonly path: string
  readonly header: HeaderLookup
}

/** Takes the events of one request and its response. */
export interface Exchange {
  /**
   * Runs `publish` synchronously with the call's span as the active one, so that spans which other subscribers start
   * inside become its children. The caller sees to it that it runs exactly once.
   */
  within(publish: () => void): void
  /** The request's head or body was written to a connection: from now on it may be charged. May be called again. */
  sent(): void
  /** Bytes of the request body as written. Borrowed: valid until the call returns. */
  requestChunk(bytes: Uint8Array): void
  /** The final response head (never a 1xx). `header` is valid until the call returns: its memory is reused then. */
  responseHead(status: number, header: HeaderLookup): void
  /** Bytes of the response body as received (still encoded). Borrowed: valid until the call returns. */
  responseChunk(bytes: Uint8Array): void
  /** Without `errorType` the body arrived completely. Else `aborted`, `abandoned`, `timeout`, a system code, or `_OTHER`. */
  end(errorType?: string): void
}

/**
 * Decides whether a request is observed. Called synchronously, in the async context in which the application made
 * the call, as far as that can be found. `undefined`: it is not observed.
 */
export type Begin = (request: RequestHead) => Exchange | undefined

/** Runs an action in a stored async context, and returns its result. */
export type RunInContext = <Result>(action: () => Result) => Result

/** Removes a hook: subscriptions, overrides of shared objects, timers. May be called again. */
export type Unhook = () => void

/** Who is called for each request. */
export interface HookOptions {
  readonly begin: Begin
  /** Make HTTP spans of other instrumentations children of ours. */
  readonly nestHttpSpans: boolean
  /** Gets an internal error, at most once per kind. Must not throw. */
  readonly onInternalError: (error: unknown) => void
}
