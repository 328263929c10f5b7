const boom = (): never => {
  throw new Error('of the caller')
}

type OddReason = readonly [what: string, reason: unknown, isReadable?: false]

/**
 * Everything that may be thrown, and so may be the reason of an abort. Those that cannot be read crash the process
 * when they end a body: Node looks at them in an event handler.
 */
export const oddReasons: readonly OddReason[] = [
  ['a symbol', Symbol('reason')],
  ['a number', 7n],
  ['a function', boom],
  ['a frozen object', Object.freeze({ code: 'ECONNRESET' })],
  ['what throws when it is looked at', new Proxy({}, { get: boom, getPrototypeOf: boom }), false],
  [
    'an error that throws when it is read',
    Object.defineProperty(new Error('x'), 'name', { get: boom }),
    false,
  ],
  ['an error that is its own cause', circle()],
  ['an error of many', new AggregateError([new Error('one'), 'two'], 'many')],
]

function circle(): Error {
  const error = new Error('round')
  error.cause = error
  return error
}

/** What became of a call, without looking at a reason that cannot be looked at. */
export async function toldApart(call: Promise<unknown> | undefined, reason: unknown): Promise<unknown> {
  try {
    return { resolved: await call }
  } catch (error) {
    return { rejected: error === reason ? 'with the reason itself' : error }
  }
}
