/** Nothing: what the application sees without any instrumentation. */
const { createKeeper, setupOf } = require('./in-memory.cjs')

exports.start = async () => setupOf(createKeeper())
