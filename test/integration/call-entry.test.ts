/** A call is entered after its end: nobody who hands spans on, in whichever way, may miss it. */
import { spawnSync } from 'node:child_process'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import path from 'node:path'
import { gzipSync } from 'node:zlib'
import { context, metrics, propagation, trace } from '@opentelemetry/api'
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks'
import { UndiciInstrumentation } from '@opentelemetry/instrumentation-undici'
import { NodeSDK } from '@opentelemetry/sdk-node'
import {
  BasicTracerProvider,
  BatchSpanProcessor,
  InMemorySpanExporter,
  SimpleSpanProcessor,
} from '@opentelemetry/sdk-trace-base'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { AimlapiInstrumentation } from '../../src/index.ts'
import { readSpanTree } from './traffic-support/span-tree.ts'

const ANSWER = JSON.stringify({ model: 'gpt-5-2026', meta: { usage: { credits_used: 2000 } } })
const ENVIRONMENT = {
  OTEL_METRICS_EXPORTER: 'none',
  OTEL_LOGS_EXPORTER: 'none',
  OTEL_TRACES_EXPORTER: 'none',
}

/** Keeps its spans when it is shut down: the one of the SDK forgets them. */
class Exporter extends InMemorySpanExporter {
  override shutdown(): Promise<void> {
    return Promise.resolve()
  }
}

const server = createServer((request, response) => {
  request.resume().on('end', () => {
    const isGzip = request.url?.startsWith('/gzip') === true
    response.writeHead(200, {
      'content-type': 'application/json',
      ...(isGzip && { 'content-encoding': 'gzip' }),
    })
    response.end(isGzip ? gzipSync(ANSWER) : ANSWER)
  })
})
let url: string
beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
})
afterAll(() => {
  server.close()
  server.closeAllConnections()
})

let exporter: Exporter
let instrumentation: AimlapiInstrumentation
beforeEach(() => {
  exporter = new Exporter()
  instrumentation = new AimlapiInstrumentation({
    enabled: false,
    apiKey: 'a-key-of-this-test',
    baseUrls: [url, `${url}/gzip`],
    balance: false,
    settlement: false,
  })
})
afterEach(async () => {
  await instrumentation.shutdown()
  for (const api of [context, metrics, propagation, trace]) api.disable()
})

const call = async (prefix = ''): Promise<void> => {
  const body = JSON.stringify({ model: 'gpt-5' })
  await (await fetch(`${url}${prefix}/v1/chat/completions`, { method: 'POST', body })).json()
}
const exported = (): unknown[][] =>
  exporter.getFinishedSpans().map(({ name, attributes }) => [name, attributes['aimlapi.credits.used']])

describe.each([
  ['plain', ''],
  ['compressed', '/gzip'],
])('the span of a call with a %s answer', (_kind, prefix) => {
  it.each(['shutdown', 'forceFlush'] as const)(
    'is there for %s() of the provider right after it',
    async (name) => {
      const provider = new BasicTracerProvider({ spanProcessors: [new BatchSpanProcessor(exporter)] })
      instrumentation.setTracerProvider(provider)
      instrumentation.enable()
      await call(prefix)
      await provider[name]()
      expect(exported()).toEqual([['chat gpt-5', 2000]])
    },
  )

  it('is there for shutdown() of the NodeSDK right after it', async () => {
    Object.assign(process.env, ENVIRONMENT)
    const sdk = new NodeSDK({
      spanProcessors: [new BatchSpanProcessor(exporter)],
      instrumentations: [instrumentation],
    })
    instrumentation.enable()
    sdk.start()
    await call(prefix)
    await sdk.shutdown()
    expect(exported()).toEqual([['chat gpt-5', 2000]])
  })

  it('is there for shutdown() of the instrumentation right after it', async () => {
    const provider = new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] })
    instrumentation.setTracerProvider(provider)
    instrumentation.enable()
    await call(prefix)
    await instrumentation.shutdown()
    expect(exported()).toEqual([['chat gpt-5', 2000]])
    expect(Object.getOwnPropertyNames(provider)).not.toContain('forceFlush')
  })
})

describe('the span of a call', () => {
  it('is there at once where a flush of the provider cannot be noticed', async () => {
    const provider = Object.freeze(
      new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] }),
    )
    instrumentation.setTracerProvider(provider)
    instrumentation.enable()
    await call()
    expect(exported()).toEqual([['chat gpt-5', 2000]])
  })

  it.each([
    [
      'as the parent of HTTP spans, where there are any',
      true,
      ['app', 'app > chat gpt-5', 'app > chat gpt-5 > POST'],
    ],
    ['alone, where nobody else listens', false, ['app', 'app > chat gpt-5']],
  ])('stands below the span that was active where the call was made: %s', async (_, hasHttpSpans, tree) => {
    context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable())
    const provider = new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] })
    const undici = new UndiciInstrumentation()
    if (!hasHttpSpans) undici.disable()
    for (const one of [undici, instrumentation]) one.setTracerProvider(provider)
    instrumentation.enable()
    await provider.getTracer('app').startActiveSpan('app', async (app) => {
      await call()
      app.end()
    })
    await provider.forceFlush()
    undici.disable()
    expect(readSpanTree(exporter.getFinishedSpans())).toEqual(tree)
  })

  it('is exported when the process exits right after it, and nobody flushes', () => {
    const program = path.join(import.meta.dirname, 'register-support/exits-at-once.mjs')
    const { stdout, status } = spawnSync(process.execPath, [program], { encoding: 'utf8', timeout: 20_000 })
    expect(status).toBe(3)
    expect(stdout).toBe('chat gpt-5 2000\n')
  })
})
