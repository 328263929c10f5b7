/** Keeps the spans of models, so that each ending's can be taken. */
const isOfModel = ({ attributes }) =>
  Object.keys(attributes).some((name) => /^(gen_ai|llm|langfuse\.observation)\./.test(name))

/** A span processor and exporter in one: whatever the instrumentation takes. */
function createKeeper() {
  let kept = []
  const keep = (spans) => kept.push(...spans.filter(isOfModel))
  return {
    take: () => kept.splice(0),
    processor: {
      onStart() {},
      onEnd: (span) => keep([span]),
      forceFlush: async () => {},
      shutdown: async () => {},
    },
    exporter: {
      export(spans, done) {
        keep(spans)
        done({ code: 0 })
      },
      forceFlush: async () => {},
      shutdown: async () => {},
    },
  }
}

/** What a setup gives, with the parts that it does not say. */
const setupOf = (keeper, parts = {}) => ({
  wrap: (client) => client,
  around: (run) => run(),
  takeSpans: async () => keeper.take(),
  ...parts,
})

module.exports = { createKeeper, setupOf }
