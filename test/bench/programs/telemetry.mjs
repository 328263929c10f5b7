// The application's OpenTelemetry: real providers, a Prometheus reader without its server, spans into nothing.
import { context, propagation } from '@opentelemetry/api'
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks'
import { PrometheusExporter } from '@opentelemetry/exporter-prometheus'
import { MeterProvider } from '@opentelemetry/sdk-metrics'
import { core } from '@opentelemetry/sdk-node'
import { AlwaysOffSampler, BasicTracerProvider, BatchSpanProcessor } from '@opentelemetry/sdk-trace-base'

let lastSpan

/** An exporter that forgets: what exporting costs is not the instrumentation's. */
const FORGET = {
  export(spans, done) {
    lastSpan = spans.at(-1)
    done({ code: 0 })
  },
  shutdown: () => Promise.resolve(),
  forceFlush: () => Promise.resolve(),
}

export const meterProvider = new MeterProvider({
  readers: [new PrometheusExporter({ preventServerStart: true })],
})
const recording = new BasicTracerProvider({ spanProcessors: [new BatchSpanProcessor(FORGET)] })
const notSampling = new BasicTracerProvider({
  sampler: new AlwaysOffSampler(),
  spanProcessors: [new BatchSpanProcessor(FORGET)],
})

const contextManager = new AsyncLocalStorageContextManager()
context.setGlobalContextManager(contextManager)
propagation.setGlobalPropagator(new core.W3CTraceContextPropagator())

/** Gives an instrumentation the providers. */
export function provide(instrumentation, sampled = true) {
  instrumentation.setMeterProvider(meterProvider)
  instrumentation.setTracerProvider(sampled ? recording : notSampling)
}

/** The last span that was exported since the last time of asking. */
export function takeLastSpan() {
  const span = lastSpan
  lastSpan = undefined
  return span
}

/** Spans that wait for their batch would be exported in somebody else's slice. */
export async function flushSpans() {
  await Promise.all([recording.forceFlush(), notSampling.forceFlush()])
}

/**
 * An AsyncLocalStorage that was used once slows down every promise of the process on Node 20 and 22, also when
 * nobody uses it any more. Without OpenTelemetry the application would not have had it.
 */
export function stopContext() {
  contextManager.disable()
}
