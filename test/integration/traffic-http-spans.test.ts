/** The spans of the whole package beside those of the HTTP instrumentations, enabled in both orders. */
import { createRequire } from 'node:module'
import { context } from '@opentelemetry/api'
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks'
import { HttpInstrumentation } from '@opentelemetry/instrumentation-http'
import { UndiciInstrumentation } from '@opentelemetry/instrumentation-undici'
import { BasicTracerProvider, InMemorySpanExporter, SimpleSpanProcessor } from '@opentelemetry/sdk-trace-base'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { AimlapiInstrumentation } from '../../src/index.ts'
import { startOriginServer, type OriginServer } from './traffic-support/origin-server.ts'
import { readSpanTree } from './traffic-support/span-tree.ts'

const exporter = new InMemorySpanExporter()
const tracerProvider = new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] })
const tracer = tracerProvider.getTracer('application')

// This one patches what is required after it was made; from then on it can be taken away and put back.
const httpInstrumentation = new HttpInstrumentation({ disableIncomingRequestInstrumentation: true })
const http = createRequire(import.meta.url)('node:http') as typeof import('node:http')
httpInstrumentation.disable()
httpInstrumentation.setTracerProvider(tracerProvider)

let server: OriginServer
beforeAll(async () => {
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable())
  server = await startOriginServer()
})
afterAll(() => server.close())

const undo: (() => unknown)[] = []
afterEach(async () => {
  for (const step of undo.splice(0)) await step()
  exporter.reset()
})

const enableOurs = (nestHttpSpans: boolean): void => {
  const polls = { balance: false, settlement: false }
  const ours = new AimlapiInstrumentation({ baseUrls: server.url, nestHttpSpans, ...polls })
  ours.setTracerProvider(tracerProvider)
  undo.push(() => ours.shutdown())
}
const enableOthers = (): void => {
  const undiciInstrumentation = new UndiciInstrumentation()
  undiciInstrumentation.setTracerProvider(tracerProvider)
  httpInstrumentation.enable()
  undo.push(() => {
    undiciInstrumentation.disable()
    httpInstrumentation.disable()
  })
}
const orders: [string, (nest: boolean) => void][] = [
  ['before', (nest) => [enableOurs(nest), enableOthers()]],
  ['after', (nest) => [enableOthers(), enableOurs(nest)]],
]

/** Every span with its ancestors, by name: `app > POST`. */
const readTree = (): string[] => readSpanTree(exporter.getFinishedSpans())

const callByFetch = async (): Promise<unknown> =>
  (await fetch(`${server.url}/v1/chat/completions`, { method: 'POST', body: '{"model":"m"}' })).text()

const callByNodeHttp = (): Promise<void> =>
  new Promise((resolve, reject) => {
    const request = http.request(`${server.url}/v1/chat/completions`, { method: 'POST' }, (response) => {
      response.resume().on('end', resolve)
    })
    request.on('error', reject).end('{"model":"m"}')
  })

/** Until the spans are there: some end with the connection rather than with the body. */
const inApplication = async (call: () => Promise<unknown>): Promise<void> => {
  await tracer.startActiveSpan('app', async (span) => {
    await call()
    span.end()
  })
  await expect.poll(() => exporter.getFinishedSpans().length).toBe(3)
}

const nested = ['app', 'app > chat m', 'app > chat m > POST']
const beside = ['app', 'app > POST', 'app > chat m']

describe.each(orders)('enabled %s the HTTP instrumentations', (_order, enable) => {
  test.each([
    ['parent', true, nested],
    ['sibling', false, beside],
  ])('the span of a fetch is the %s with nestHttpSpans %s', async (_what, nest, tree) => {
    enable(nest)
    await inApplication(callByFetch)
    expect(readTree()).toEqual(tree)
  })

  test.each([true, false])(
    'the span of a node:http call is the sibling with nestHttpSpans %s',
    async (nest) => {
      enable(nest)
      await inApplication(callByNodeHttp)
      expect(readTree()).toEqual(beside)
    },
  )

  test('the span of a node:http call stays in the trace of an HTTP span that is the root', async () => {
    enable(true)
    await callByNodeHttp()
    await expect.poll(() => exporter.getFinishedSpans().length).toBe(2)
    expect(readTree()).toEqual(['POST', 'POST > chat m'])
  })
})
