/** Applications set their providers late, or shut their SDK down and start another one. */
import { createServer } from 'node:http'
import { context, metrics, propagation, trace } from '@opentelemetry/api'
import {
  AggregationTemporality,
  InMemoryMetricExporter,
  MeterProvider,
  PeriodicExportingMetricReader,
} from '@opentelemetry/sdk-metrics'
import { NodeSDK } from '@opentelemetry/sdk-node'
import { InMemorySpanExporter, SimpleSpanProcessor } from '@opentelemetry/sdk-trace-base'
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest'
import { AimlapiInstrumentation, register } from '../../src/index.ts'
import { addressOf, listen } from './traffic-support/origin-server.ts'

const server = createServer((request, response) => {
  request.resume().on('end', () => {
    response.setHeader('content-type', 'application/json')
    response.end(JSON.stringify({ meta: { usage: { credits_used: 7 } } }))
  })
})
let options: { baseUrls: string; balance: false; settlement: false; prometheus: false }
beforeAll(async () => {
  await listen(server)
  options = { baseUrls: addressOf(server), balance: false, settlement: false, prometheus: false }
})
afterAll(() => {
  server.close()
  server.closeAllConnections()
})

let undo: (() => Promise<void>)[] = []
const removeGlobals = (): void => {
  for (const api of [context, metrics, propagation, trace]) api.disable()
}
afterEach(async () => {
  for (const step of undo.splice(0)) await step()
  removeGlobals()
})

async function call(): Promise<void> {
  const response = await fetch(`${options.baseUrls}/v1/chat/completions`, {
    method: 'POST',
    body: '{"model":"m"}',
  })
  await response.text()
}

/** Metrics of an application, with a provider of their own. */
function meters() {
  const exporter = new InMemoryMetricExporter(AggregationTemporality.CUMULATIVE)
  const reader = new PeriodicExportingMetricReader({ exporter, exportIntervalMillis: 1_000_000 })
  return {
    reader,
    async credits(): Promise<unknown> {
      await reader.forceFlush()
      const all = exporter
        .getMetrics()
        .at(-1)
        ?.scopeMetrics.flatMap((scope) => scope.metrics)
      return all?.find(({ descriptor }) => descriptor.name === 'aimlapi.credits.used')?.dataPoints[0]?.value
    },
  }
}

function startSdk(instrumentations: AimlapiInstrumentation[] = []) {
  const { reader, credits } = meters()
  const spans = new InMemorySpanExporter()
  const sdk = new NodeSDK({
    metricReaders: [reader],
    spanProcessors: [new SimpleSpanProcessor(spans)],
    logRecordProcessors: [],
    instrumentations,
  })
  sdk.start()
  let stopping: Promise<void> | undefined
  const stop = () => (stopping ??= sdk.shutdown())
  undo.push(stop)
  return { stop, credits, spans: () => spans.getFinishedSpans().length }
}

it('register() uses the providers of an SDK that is started after another one was shut down', async () => {
  const first = startSdk()
  const registration = register(options)
  undo.push(registration.shutdown)
  await call()
  await first.stop()
  removeGlobals()
  const second = startSdk()
  await call()
  await call()
  await registration.forceFlush()
  expect(await second.credits()).toBe(14)
  expect(second.spans()).toBe(2)
})

it('an instrumentation of an SDK that was shut down counts for the one that is started instead', async () => {
  const instrumentation = new AimlapiInstrumentation(options)
  undo.push(() => instrumentation.shutdown())
  const first = startSdk([instrumentation])
  await call()
  await first.stop()
  removeGlobals()
  const second = startSdk([new AimlapiInstrumentation(options)])
  await call()
  await instrumentation.forceFlush()
  expect(await second.credits()).toBe(7)
  expect(second.spans()).toBe(1)
})

it('an instrumentation that was made before there was any MeterProvider uses the one that comes', async () => {
  const instrumentation = new AimlapiInstrumentation(options)
  undo.push(() => instrumentation.shutdown())
  await call()
  await instrumentation.forceFlush()
  const { reader, credits } = meters()
  metrics.setGlobalMeterProvider(new MeterProvider({ readers: [reader] }))
  await call()
  expect(await credits()).toBe(7)
})

it('a MeterProvider that was given stays, whichever becomes the global one', async () => {
  const instrumentation = new AimlapiInstrumentation(options)
  undo.push(() => instrumentation.shutdown())
  const given = meters()
  instrumentation.setMeterProvider(new MeterProvider({ readers: [given.reader] }))
  const global = meters()
  metrics.setGlobalMeterProvider(new MeterProvider({ readers: [global.reader] }))
  await call()
  expect(await given.credits()).toBe(7)
  expect(await global.credits()).toBeUndefined()
})

it('register() stays with its own SDK when the application replaces the global MeterProvider', async () => {
  const registration = register(options)
  undo.push(registration.shutdown)
  metrics.disable()
  const { reader, credits } = meters()
  metrics.setGlobalMeterProvider(new MeterProvider({ readers: [reader] }))
  await call()
  expect(await registration.prometheusText()).toMatch(/^aimlapi_credits_used_total\{.*\} 7$/m)
  expect(await credits()).toBeUndefined()
})

it('shutdown() of register() leaves the providers that the application has set instead', async () => {
  const registration = register(options)
  metrics.disable()
  const own = new MeterProvider()
  metrics.setGlobalMeterProvider(own)
  await registration.shutdown()
  expect(metrics.getMeterProvider()).toBe(own)
})
