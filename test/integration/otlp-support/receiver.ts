/** A real OTLP/HTTP receiver for metrics: JSON or protobuf, gzip or not. Keeps the last value of every series. */
import { type IncomingMessage, createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { gunzipSync } from 'node:zlib'

import { decodeMetricsRequest } from './protobuf.ts'

type AnyValue = {
  readonly stringValue?: string
  readonly boolValue?: boolean
  readonly intValue?: number | string
  readonly doubleValue?: number
}
interface KeyValue {
  readonly key: string
  readonly value?: AnyValue
}
interface PointJson {
  readonly attributes?: readonly KeyValue[]
  readonly asInt?: number | string
  readonly asDouble?: number
  readonly count?: number | string
  readonly sum?: number
  readonly bucketCounts?: ReadonlyArray<number | string>
  readonly explicitBounds?: readonly number[]
}
interface DataJson {
  readonly dataPoints?: readonly PointJson[]
  readonly aggregationTemporality?: number
  readonly isMonotonic?: boolean
}
interface RequestJson {
  readonly resourceMetrics?: ReadonlyArray<{
    readonly resource?: { readonly attributes?: readonly KeyValue[] }
    readonly scopeMetrics?: ReadonlyArray<{
      readonly scope?: { readonly name?: string; readonly version?: string }
      readonly metrics?: ReadonlyArray<{
        readonly name: string
        readonly unit?: string
        readonly gauge?: DataJson
        readonly sum?: DataJson
        readonly histogram?: DataJson
      }>
    }>
  }>
}

export type Attributes = Readonly<Record<string, string>>

export interface Point {
  readonly resource: Attributes
  readonly scope: string
  readonly name: string
  readonly unit: string
  readonly kind: 'counter' | 'updown' | 'gauge' | 'histogram'
  /** Counters and histograms: whether each value is the sum since the start. */
  readonly cumulative: boolean
  readonly attributes: Attributes
  readonly value: number
  /** Histograms: upper bounds, and counts, one more of them. */
  readonly bounds: readonly number[]
  readonly counts: readonly number[]
}

export interface OtlpReceiver {
  readonly url: string
  /** The last point of every series of every process. */
  points(): Point[]
  /** Content types seen. */
  readonly contentTypes: ReadonlySet<string>
  close(): Promise<void>
}

const CUMULATIVE = 2

function attributesOf(list: readonly KeyValue[] = []): Attributes {
  const text = ({ stringValue, boolValue, intValue, doubleValue }: AnyValue = {}) =>
    String(stringValue ?? boolValue ?? intValue ?? doubleValue ?? '')
  return Object.fromEntries(list.map(({ key, value }) => [key, text(value)]))
}

function kindOf(sum: DataJson | undefined, histogram: DataJson | undefined): Point['kind'] {
  if (histogram) return 'histogram'
  if (!sum) return 'gauge'
  return sum.isMonotonic ? 'counter' : 'updown'
}

function pointsOf(request: RequestJson): Point[] {
  const found: Point[] = []
  for (const { resource, scopeMetrics = [] } of request.resourceMetrics ?? []) {
    for (const { scope, metrics = [] } of scopeMetrics) {
      for (const { name, unit = '', gauge, sum, histogram } of metrics) {
        const data = gauge ?? sum ?? histogram
        for (const point of data?.dataPoints ?? []) {
          found.push({
            resource: attributesOf(resource?.attributes),
            scope: scope?.name ?? '',
            name,
            unit,
            kind: kindOf(sum, histogram),
            cumulative: data?.aggregationTemporality === CUMULATIVE,
            attributes: attributesOf(point.attributes),
            value: Number(point.asInt ?? point.asDouble ?? point.sum ?? 0),
            bounds: point.explicitBounds ?? [],
            counts: (point.bucketCounts ?? []).map(Number),
          })
        }
      }
    }
  }
  return found
}

async function bodyOf(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk as Buffer)
  const body = Buffer.concat(chunks)
  return request.headers['content-encoding'] === 'gzip' ? gunzipSync(body) : body
}

export async function startOtlpReceiver(): Promise<OtlpReceiver> {
  const last = new Map<string, Point>()
  const contentTypes = new Set<string>()
  const accept = async (request: IncomingMessage): Promise<void> => {
    const type = request.headers['content-type'] ?? ''
    contentTypes.add(type)
    const body = await bodyOf(request)
    const decoded = type === 'application/json' ? JSON.parse(body.toString()) : decodeMetricsRequest(body)
    for (const point of pointsOf(decoded as RequestJson)) {
      last.set(JSON.stringify([point.resource, point.scope, point.name, sorted(point.attributes)]), point)
    }
  }
  const server = createServer((request, response) => {
    // An empty message: no byte in protobuf.
    const isJson = request.headers['content-type'] === 'application/json'
    accept(request).then(
      () =>
        response.writeHead(200, { 'content-type': request.headers['content-type'] }).end(isJson ? '{}' : ''),
      (error: unknown) => response.writeHead(400).end(String(error)),
    )
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    points: () => [...last.values()],
    contentTypes,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

function sorted(attributes: Attributes): Array<[string, string]> {
  return Object.entries(attributes).sort(([a], [b]) => (a < b ? -1 : 1))
}
