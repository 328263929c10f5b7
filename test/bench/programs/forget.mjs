// A span exporter that forgets: what exporting costs is not the instrumentation's.
let lastSpan

export const FORGET = {
  export(spans, done) {
    lastSpan = spans.at(-1)
    done({ code: 0 })
  },
  shutdown: () => Promise.resolve(),
  forceFlush: () => Promise.resolve(),
}

/** The last span that was exported since the last time of asking. */
export function takeLastSpan() {
  const span = lastSpan
  lastSpan = undefined
  return span
}
