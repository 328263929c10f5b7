/** The servers to which other tools send what they saw: small ones on the loopback interface. */
import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { brotliDecompressSync, gunzipSync, inflateSync } from 'node:zlib'
import type { IntakeName } from './cells.ts'
import { traceKey, type HostEvent, type HostSpan, type HostTrace } from './host-trace.ts'

export interface Intake {
  readonly url: string
  readonly received: HostTrace
  close(): void
}

/* eslint-disable @typescript-eslint/no-explicit-any -- other people's wire formats, read once */
interface Kept {
  readonly spans: HostSpan[]
  readonly events: HostEvent[]
}
type Accept = (path: string, body: Buffer, kept: Kept) => unknown

const INFLATE: Readonly<Record<string, (body: Buffer) => Buffer>> = {
  gzip: gunzipSync,
  deflate: inflateSync,
  br: brotliDecompressSync,
}

async function readBody(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk as Buffer)
  const body = Buffer.concat(chunks)
  return INFLATE[request.headers['content-encoding'] ?? '']?.(body) ?? body
}

/** Sentry: envelopes of lines, a head before each item. */
function acceptSentry(_path: string, body: Buffer, kept: Kept): unknown {
  const lines = body.toString().split('\n')
  for (let at = 1; at + 1 < lines.length; at += 2) {
    const { type } = JSON.parse(lines[at] || '{}') as { type?: string }
    if (!/^(event|transaction|span)$/.test(type ?? '')) continue
    const item = JSON.parse(lines[at + 1] ?? '{}')
    const trace = item.contexts?.trace
    if (type === 'event')
      kept.events.push({
        message: item.message ?? item.logentry?.message ?? item.exception?.values?.[0]?.value,
        user: item.tags?.user,
        trace: trace && traceKey(trace.trace_id),
      })
    if (type === 'transaction') {
      kept.spans.push(sentrySpan({ ...trace, description: item.transaction }, true))
      for (const span of item.spans ?? []) kept.spans.push(sentrySpan(span, false))
    }
    for (const span of type === 'span' ? (item.items ?? []) : [])
      kept.spans.push({
        trace: traceKey(span.trace_id),
        id: span.span_id,
        parent: span.parent_span_id,
        name: span.name,
        isRoot: span.is_segment === true,
        attributes: Object.fromEntries(
          Object.entries(span.attributes ?? {}).map(([key, value]) => [key, (value as any)?.value]),
        ),
      })
  }
  return { id: 'received' }
}

const sentrySpan = (span: any, isRoot: boolean): HostSpan => ({
  trace: traceKey(span.trace_id),
  id: span.span_id,
  parent: span.parent_span_id,
  name: span.description ?? span.op,
  isRoot,
  attributes: span.data ?? {},
})

/** Datadog's agent: traces in MessagePack. */
async function acceptDatadog(path: string, body: Buffer, kept: Kept): Promise<unknown> {
  if (path === '/info') return { endpoints: ['/v0.4/traces'] }
  if (path !== '/v0.4/traces') return {}
  // Not at the start: this suite installs it by itself.
  const { decode } = await import('@msgpack/msgpack')
  const hex = (id: bigint | number): string => BigInt(id).toString(16).padStart(16, '0')
  for (const trace of decode(body, { useBigInt64: true }) as any[][])
    for (const span of trace)
      kept.spans.push({
        trace: hex(span.trace_id),
        id: hex(span.span_id),
        parent: hex(span.parent_id ?? 0),
        name: `${span.name} ${span.resource}`,
        isRoot: span.metrics?.['_dd.top_level'] === 1 || span.metrics?.['_dd.top_level'] === 1n,
        attributes: { ...span.meta, ...span.metrics },
      })
  return { rate_by_service: {} }
}

/** Elastic APM: one JSON document a line. */
function acceptElastic(path: string, body: Buffer, kept: Kept): unknown {
  if (!path.startsWith('/intake/v2/events')) return { version: '8.15.0' }
  for (const line of body.toString().split('\n').filter(Boolean)) {
    const { transaction, span, error } = JSON.parse(line)
    const each = transaction ?? span
    if (each !== undefined)
      kept.spans.push({
        trace: traceKey(each.trace_id),
        id: each.id,
        parent: each.parent_id,
        name: each.name,
        isRoot: transaction !== undefined,
        attributes: each.otel?.attributes ?? {},
      })
    if (error !== undefined)
      kept.events.push({
        message: error.log?.message ?? error.exception?.message,
        user: error.context?.tags?.user,
        trace: traceKey(error.trace_id),
      })
  }
  return {}
}

const ACCEPT: Readonly<Record<IntakeName, Accept>> = {
  sentry: acceptSentry,
  datadog: acceptDatadog,
  elastic: acceptElastic,
}

export async function startIntake(name: IntakeName): Promise<Intake> {
  const kept: Kept = { spans: [], events: [] }
  const accept = ACCEPT[name]
  // As long as a collector's: see `collector.ts`.
  const server = createServer({ keepAliveTimeout: 120_000 }, (request, response) => {
    readBody(request)
      .then((body) => accept(request.url ?? '', body, kept))
      .then(
        (answer) => response.setHeader('content-type', 'application/json').end(JSON.stringify(answer)),
        (error: unknown) => response.writeHead(400).end(String(error)),
      )
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}`,
    received: kept,
    close: () => {
      server.close()
      server.closeAllConnections()
    },
  }
}
