/** Node's own modules, where an `import` or `require` would have effects on the application. */

/**
 * `process.getBuiltinModule` as it was when this package was loaded. Later it may be replaced: the first
 * InstrumentationBase of a process makes require-in-the-middle answer it, which then also answers the application's
 * `require` with the module as it was at our call, without what a tracer has patched (seen with dd-trace 6, whose
 * spans of the http server vanished). Absent before Node.js 20.16.
 *
 * An `import` of node:http in an ES module is no way either: it makes Node load undici too, for its WebSocket. That
 * takes tens of milliseconds at start, and the errors of the global fetch have no stack from then on (Node 24, 26).
 */
export const getBuiltinModule: typeof process.getBuiltinModule = process.getBuiltinModule?.bind(process)
