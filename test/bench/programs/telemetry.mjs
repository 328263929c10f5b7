// The application's OpenTelemetry: real providers, a Prometheus reader without its server, spans into nothing.
import { context, metrics, propagation, trace } from '@opentelemetry/api'
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks'
import { PrometheusExporter } from '@opentelemetry/exporter-prometheus'
import { MeterProvider } from '@opentelemetry/sdk-metrics'
import { core } from '@opentelemetry/sdk-node'
import { AlwaysOffSampler, BasicTracerProvider, BatchSpanProcessor } from '@opentelemetry/sdk-trace-base'
import { FORGET } from './forget.mjs'

const meterProvider = new MeterProvider({
  readers: [new PrometheusExporter({ preventServerStart: true })],
})
const recording = new BasicTracerProvider({ spanProcessors: [new BatchSpanProcessor(FORGET)] })
const notSampling = new BasicTracerProvider({
  sampler: new AlwaysOffSampler(),
  spanProcessors: [new BatchSpanProcessor(FORGET)],
})

context.setGlobalContextManager(new AsyncLocalStorageContextManager())
propagation.setGlobalPropagator(new core.W3CTraceContextPropagator())

/** Gives an instrumentation the providers. */
export function provide(instrumentation) {
  instrumentation.setMeterProvider(meterProvider)
  instrumentation.setTracerProvider(recording)
}

/** Exports the spans that wait for their batch. */
export async function flushSpans() {
  await Promise.all([recording.forceFlush(), notSampling.forceFlush()])
}

/** As an application does that has an SDK of its own. */
export function provideGlobally(sampled) {
  metrics.setGlobalMeterProvider(meterProvider)
  trace.setGlobalTracerProvider(sampled ? recording : notSampling)
}

/** For what is written by hand. */
export function createTracerAndMeter(name) {
  return { tracer: recording.getTracer(name), meter: meterProvider.getMeter(name) }
}
