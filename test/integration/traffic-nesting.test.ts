import diagnosticsChannel from 'node:diagnostics_channel'
import http from 'node:http'
import { context, trace } from '@opentelemetry/api'
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks'
import { UndiciInstrumentation } from '@opentelemetry/instrumentation-undici'
import { BasicTracerProvider, InMemorySpanExporter, SimpleSpanProcessor } from '@opentelemetry/sdk-trace-base'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import type { Begin, Unhook } from '../../src/traffic/exchange.ts'
import { hookNodeHttp } from '../../src/traffic/node-http.ts'
import { hookUndici } from '../../src/traffic/undici.ts'
import { startOriginServer, type OriginServer } from './traffic-support/origin-server.ts'
import { undiciModules } from './traffic-support/undici-clients.ts'
import { readSpanTree } from './traffic-support/span-tree.ts'

const exporter = new InMemorySpanExporter()
const tracerProvider = new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] })
const tracer = tracerProvider.getTracer('test')
context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable())

/** Stands for the calls room: a span a call, active while others are told of the request. */
const begin: Begin = () => {
  const span = tracer.startSpan('call')
  return {
    within: (publish) => context.with(trace.setSpan(context.active(), span), publish),
    sent: () => {},
    requestChunk: () => {},
    responseHead: () => {},
    responseChunk: () => {},
    end: () => span.end(),
  }
}
const errors: unknown[] = []
const hookAll = (nestHttpSpans: boolean): Unhook => {
  const options = { begin, nestHttpSpans, onInternalError: (error: unknown) => errors.push(error) }
  const undo = [hookUndici(options), hookNodeHttp(options)]
  return () => undo.forEach((step) => step())
}

/** The tree of finished spans of the application span `app`, by name: `app > call > POST`. */
const readTree = (): string[] => readSpanTree(exporter.getFinishedSpans())

const inApplicationSpan = async (call: () => Promise<unknown>): Promise<void> => {
  await tracer.startActiveSpan('app', async (span) => {
    await call()
    // What ends with the connection rather than with the body.
    await new Promise((resolve) => setTimeout(resolve, 20))
    span.end()
  })
}

let server: OriginServer
beforeAll(async () => {
  server = await startOriginServer()
})
const undo: Unhook[] = []
afterEach(() => {
  for (const step of undo.splice(0)) step()
  exporter.reset()
  expect(errors).toEqual([])
})
afterAll(() => server.close())

const instrumentUndici = (): void => {
  const instrumentation = new UndiciInstrumentation()
  instrumentation.setTracerProvider(tracerProvider)
  undo.push(() => instrumentation.disable())
}

describe('spans of @opentelemetry/instrumentation-undici', () => {
  const orders: [string, boolean, ((nest: boolean) => void)[]][] = [true, false].flatMap((nest) => {
    const ours = (): void => void undo.push(hookAll(nest))
    return [
      ['hooked before it', nest, [ours, instrumentUndici]],
      ['hooked after it', nest, [instrumentUndici, ours]],
    ] as [string, boolean, (() => void)[]][]
  })
  describe.each(orders)('%s, nestHttpSpans %s', (_order, nest, setUps) => {
    const expected = nest ? ['app', 'app > call', 'app > call > POST'] : ['app', 'app > POST', 'app > call']

    test('have their place for the global fetch', async () => {
      for (const setUp of setUps) setUp(nest)
      await inApplicationSpan(async () =>
        (await fetch(`${server.url}/echo`, { method: 'POST', body: 'x' })).text(),
      )
      expect(readTree()).toEqual(expected)
    })

    test.each(undiciModules)('have their place for %s', async (_name, undici) => {
      for (const setUp of setUps) setUp(nest)
      const client = new undici.Client(server.url)
      await inApplicationSpan(async () => {
        await (await client.request({ path: '/echo', method: 'POST', body: 'x' })).body.dump()
      })
      expect(readTree()).toEqual(expected)
      await client.close()
    })
  })

  test('are neither lost nor doubled when our call throws', async () => {
    const faulty: Begin = (head) => {
      const exchange = begin(head)
      const within = (): never => {
        throw new Error('within')
      }
      return exchange && { ...exchange, within }
    }
    instrumentUndici()
    undo.push(hookUndici({ begin: faulty, nestHttpSpans: true, onInternalError: () => {} }))
    await inApplicationSpan(async () =>
      (await fetch(`${server.url}/echo`, { method: 'POST', body: 'x' })).text(),
    )
    expect(readTree()).toEqual(['app', 'app > POST', 'app > call'])
  })
})

describe('spans of node:http', () => {
  test('made in a subscriber of the start of a request become children', async () => {
    const subscriber = (): void => tracer.startSpan('http').end()
    diagnosticsChannel.subscribe('http.client.request.start', subscriber)
    undo.push(
      () => void diagnosticsChannel.unsubscribe('http.client.request.start', subscriber),
      hookAll(true),
    )
    await inApplicationSpan(
      () =>
        new Promise((resolve) => {
          http.get(`${server.url}/empty`, (response) => response.resume().on('end', resolve))
        }),
    )
    expect(readTree()).toEqual(['app', 'app > call', 'app > call > http'])
  })
})
