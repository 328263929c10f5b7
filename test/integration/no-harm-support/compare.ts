import { createHash } from 'node:crypto'
import { expect, test } from 'vitest'
import { startOriginServer, type OriginServer } from '../traffic-support/origin-server.ts'
import { runWithUs } from './with-us.ts'

/**
 * A piece of an application: makes calls to the server and gives back everything that it could observe of
 * them. Errors are observations too; a program that throws observes its error.
 */
export type Program = (server: OriginServer) => Promise<unknown>

/** Title, how many calls we must have counted (so that it is known that we were there), and program. */
export type Row = readonly [title: string, calls: number, program: Program]

/** What the program observes, in values that can be compared. Each run has a server of its own. */
export async function observe(program: Program): Promise<unknown> {
  const server = await startOriginServer()
  try {
    return toComparable(await program(server).catch((error: unknown) => ({ thrown: error })), server.url)
  } finally {
    await server.close()
  }
}

/** One test a row: the same program observes the same without and with us, and each call is one span. */
export function testNoHarm(rows: readonly Row[]): void {
  test.each(rows)('%s', async (_title, calls, program) => {
    const bare = await observe(program)
    const { result, telemetry } = await runWithUs(() => observe(program))
    expect(bare).toBeDefined()
    expect(result).toEqual(bare)
    expect(telemetry).toEqual({ spans: calls, requests: calls, said: [] })
  })
}

/** Bytes as length and digest, errors as all that an application looks at, addresses as `ORIGIN`. */
function toComparable(value: unknown, url: string): unknown {
  const { host, port } = new URL(url)
  const convert = (part: unknown): unknown => {
    if (typeof part === 'string') {
      return part.replaceAll(url, 'ORIGIN').replaceAll(host, 'HOST').replaceAll(port, 'PORT')
    }
    if (part instanceof Uint8Array || part instanceof ArrayBuffer) {
      const bytes = Buffer.from(part as Uint8Array)
      return `${bytes.length} bytes ${createHash('sha256').update(bytes).digest('hex')}`
    }
    if (part instanceof Error) {
      const { name, message, cause } = part
      return convert({
        name,
        message,
        code: Reflect.get(part, 'code'),
        ...(cause !== undefined && { cause }),
      })
    }
    if (Array.isArray(part)) return part.map(convert)
    if (typeof part === 'object' && part !== null) {
      return Object.fromEntries(Object.entries(part).map(([key, inner]) => [convert(key), convert(inner)]))
    }
    return part
  }
  return convert(value)
}

/** The error that a promise is rejected with. */
export async function errorOf(promise: Promise<unknown>): Promise<unknown> {
  try {
    return { resolved: await promise }
  } catch (error) {
    return { rejected: error }
  }
}

/**
 * Whether the server was held back: waits until it has been able to write nothing for a while, and tells
 * whether that was long before the end of `/firehose`.
 */
export async function isHeldBack(server: OriginServer, totalBytes: number): Promise<boolean> {
  let before = -1
  while (server.writtenBytes() !== before || before === 0) {
    before = server.writtenBytes()
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
  return before < totalBytes * 0.75
}

export async function readAll(chunks: AsyncIterable<Uint8Array | string>): Promise<Buffer> {
  const read: Buffer[] = []
  for await (const chunk of chunks) read.push(Buffer.from(chunk))
  return Buffer.concat(read)
}
