/**
 * OTLP metrics in protobuf, decoded to the shape of OTLP/JSON: a reader of the wire format and a table of the fields
 * that metrics use. https://github.com/open-telemetry/opentelemetry-proto (metrics/v1, common/v1, resource/v1)
 */
interface Field {
  readonly name: string
  readonly type: 'string' | 'bool' | 'enum' | 'double' | 'fixed64' | 'sfixed64' | 'int64' | Message
  readonly repeated?: true
}
type Message = Readonly<Record<number, Field>>
type Value = string | number | boolean | Decoded | Value[]
interface Decoded {
  [name: string]: Value
}

const one = (name: string, type: Field['type']): Field => ({ name, type })
const many = (name: string, type: Field['type']): Field => ({ name, type, repeated: true })

const ANY_VALUE: Message = {
  1: one('stringValue', 'string'),
  2: one('boolValue', 'bool'),
  3: one('intValue', 'int64'),
  4: one('doubleValue', 'double'),
}
const KEY_VALUE: Message = { 1: one('key', 'string'), 2: one('value', ANY_VALUE) }
const NUMBER_POINT: Message = {
  2: one('startTimeUnixNano', 'fixed64'),
  3: one('timeUnixNano', 'fixed64'),
  4: one('asDouble', 'double'),
  6: one('asInt', 'sfixed64'),
  7: many('attributes', KEY_VALUE),
}
const HISTOGRAM_POINT: Message = {
  2: one('startTimeUnixNano', 'fixed64'),
  3: one('timeUnixNano', 'fixed64'),
  4: one('count', 'fixed64'),
  5: one('sum', 'double'),
  6: many('bucketCounts', 'fixed64'),
  7: many('explicitBounds', 'double'),
  9: many('attributes', KEY_VALUE),
}
const METRIC: Message = {
  1: one('name', 'string'),
  2: one('description', 'string'),
  3: one('unit', 'string'),
  5: one('gauge', { 1: many('dataPoints', NUMBER_POINT) }),
  7: one('sum', {
    1: many('dataPoints', NUMBER_POINT),
    2: one('aggregationTemporality', 'enum'),
    3: one('isMonotonic', 'bool'),
  }),
  9: one('histogram', { 1: many('dataPoints', HISTOGRAM_POINT), 2: one('aggregationTemporality', 'enum') }),
}
const SCOPE_METRICS: Message = {
  1: one('scope', { 1: one('name', 'string'), 2: one('version', 'string') }),
  2: many('metrics', METRIC),
}
const RESOURCE_METRICS: Message = {
  1: one('resource', { 1: many('attributes', KEY_VALUE) }),
  2: many('scopeMetrics', SCOPE_METRICS),
}
const EXPORT_REQUEST: Message = { 1: many('resourceMetrics', RESOURCE_METRICS) }

const VARINT = 0
const FIXED64 = 1
const BYTES = 2

class Reader {
  #position = 0
  readonly #bytes: Buffer

  constructor(bytes: Buffer) {
    this.#bytes = bytes
  }

  get done(): boolean {
    return this.#position >= this.#bytes.length
  }

  varint(): bigint {
    let value = 0n
    for (let shift = 0n; ; shift += 7n) {
      const byte = this.#bytes.readUInt8(this.#position++)
      value |= BigInt(byte & 0x7f) << shift
      if (byte < 0x80) return value
    }
  }

  take(size: number): Buffer {
    this.#position += size
    return this.#bytes.subarray(this.#position - size, this.#position)
  }
}

function scalar(type: Exclude<Field['type'], Message | 'string'>, reader: Reader): number | boolean {
  switch (type) {
    case 'double':
      return reader.take(8).readDoubleLE()
    case 'fixed64':
      return Number(reader.take(8).readBigUInt64LE())
    case 'sfixed64':
      return Number(reader.take(8).readBigInt64LE())
    case 'int64':
      return Number(BigInt.asIntN(64, reader.varint()))
    case 'enum':
      return Number(reader.varint())
    case 'bool':
      return reader.varint() !== 0n
  }
}

/** Repeated numbers stand in one length-delimited field (packed). */
function valuesOf({ type, repeated }: Field, wireType: number, reader: Reader): Value[] {
  if (type === 'string') return [reader.take(Number(reader.varint())).toString('utf8')]
  if (typeof type === 'object') return [decode(type, reader.take(Number(reader.varint())))]
  if (!repeated || wireType !== BYTES) return [scalar(type, reader)]
  const packed = new Reader(reader.take(Number(reader.varint())))
  const values: Value[] = []
  while (!packed.done) values.push(scalar(type, packed))
  return values
}

function skip(wireType: number, reader: Reader): void {
  if (wireType === VARINT) reader.varint()
  else if (wireType === FIXED64) reader.take(8)
  else if (wireType === BYTES) reader.take(Number(reader.varint()))
  else reader.take(4)
}

function decode(message: Message, bytes: Buffer): Decoded {
  const reader = new Reader(bytes)
  const decoded: Decoded = {}
  while (!reader.done) {
    const tag = Number(reader.varint())
    const field = message[tag >>> 3]
    if (!field) {
      skip(tag & 7, reader)
      continue
    }
    const values = valuesOf(field, tag & 7, reader)
    if (field.repeated)
      decoded[field.name] = [...((decoded[field.name] as Value[] | undefined) ?? []), ...values]
    else decoded[field.name] = values[0] as Value
  }
  return decoded
}

/** An ExportMetricsServiceRequest, as OTLP/JSON would spell it. */
export function decodeMetricsRequest(bytes: Buffer): unknown {
  return decode(EXPORT_REQUEST, bytes)
}
