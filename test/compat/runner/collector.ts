/** An OTLP/HTTP receiver that keeps what each program exported, decoded as far as the cells look at it. */
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { gunzipSync } from 'node:zlib'

export type Attributes = Readonly<Record<string, unknown>>

export interface Span {
  readonly name: string
  readonly traceId: string
  readonly spanId: string
  readonly parentSpanId: string | undefined
  readonly attributes: Attributes
  readonly links: readonly { readonly spanId: string }[]
}

export interface Point {
  readonly metric: string
  readonly attributes: Attributes
  readonly value: number
}

export interface Exported {
  readonly spans: readonly Span[]
  /** The last export of each series: counters are cumulative. */
  readonly points: readonly Point[]
  /** Everything as it came over the wire. */
  readonly text: string
}

export interface Collector {
  /** For OTEL_EXPORTER_OTLP_ENDPOINT of the program called `run`. */
  endpoint(run: string): string
  /** What that program exported, and forgets it. */
  take(run: string): Exported
  close(): void
}

interface Kept {
  readonly spans: Span[]
  readonly points: Map<string, Point>
  text: string
}

interface KeyValue {
  readonly key: string
  readonly value: Readonly<Record<string, unknown>>
}

function decodeValue(value: Readonly<Record<string, unknown>>): unknown {
  const [[kind, content] = ['', undefined]] = Object.entries(value)
  if (kind === 'intValue') return Number(content)
  if (kind !== 'arrayValue') return content
  return (content as { values?: Record<string, unknown>[] }).values?.map(decodeValue) ?? []
}

function decodeAttributes(list: readonly KeyValue[] = []): Attributes {
  return Object.fromEntries(list.map(({ key, value }) => [key, decodeValue(value)]))
}

/* eslint-disable @typescript-eslint/no-explicit-any -- the wire format, read once */
function keepSpans(kept: Kept, body: any): void {
  for (const { scopeSpans } of body.resourceSpans ?? [])
    for (const { spans } of scopeSpans ?? [])
      for (const { name, traceId, spanId, parentSpanId, attributes, links } of spans ?? [])
        kept.spans.push({
          name,
          traceId,
          spanId,
          parentSpanId: parentSpanId || undefined,
          attributes: decodeAttributes(attributes),
          links: links ?? [],
        })
}

function keepPoints(kept: Kept, body: any): void {
  for (const { resource, scopeMetrics } of body.resourceMetrics ?? [])
    for (const { metrics } of scopeMetrics ?? [])
      for (const metric of metrics ?? [])
        for (const point of (metric.sum ?? metric.gauge ?? metric.histogram)?.dataPoints ?? []) {
          const attributes = decodeAttributes(point.attributes)
          const value = Number(point.asInt ?? point.asDouble ?? point.count)
          // Two threads of one program are two resources only by their instance id.
          const series = JSON.stringify([metric.name, attributes, resource?.attributes])
          kept.points.set(series, { metric: metric.name, attributes, value })
        }
}

export async function startCollector(): Promise<Collector> {
  const runs = new Map<string, Kept>()
  const keptOf = (run: string): Kept => {
    let kept = runs.get(run)
    if (kept === undefined) runs.set(run, (kept = { spans: [], points: new Map(), text: '' }))
    return kept
  }
  // Node's 5 s are less than a busy program may be blocked for, which then writes to a connection that is closed.
  const server = createServer({ keepAliveTimeout: 120_000 }, async (request, response) => {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk as Buffer)
    const body = Buffer.concat(chunks)
    const text = String(request.headers['content-encoding'] === 'gzip' ? gunzipSync(body) : body)
    const [, run = '', ...path] = (request.url ?? '').split('/')
    const signal = path.at(-1)
    const kept = keptOf(run)
    kept.text += text
    if (signal === 'traces') keepSpans(kept, JSON.parse(text))
    if (signal === 'metrics') keepPoints(kept, JSON.parse(text))
    response.setHeader('content-type', 'application/json').end('{}')
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return {
    endpoint: (run) => `http://127.0.0.1:${port}/${run}`,
    take(run) {
      const { spans, points, text } = keptOf(run)
      runs.delete(run)
      return { spans, points: [...points.values()], text }
    },
    close: () => {
      server.close()
      server.closeAllConnections()
    },
  }
}
