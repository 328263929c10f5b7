/** Request bodies: JSON, or multipart forms of which only the text fields matter. */
import type { IncomingMessage } from 'node:http'
import { Refusal, type JsonObject } from './call.ts'

const MAX_BODY_BYTES = 256 * 1024 * 1024

/** @throws Refusal 413 past 256 MB. Rejects when the client leaves in the middle. */
export async function readBody(request: IncomingMessage): Promise<Buffer> {
  const parts: Buffer[] = []
  let size = 0
  for await (const part of request as AsyncIterable<Buffer>) {
    size += part.length
    if (size > MAX_BODY_BYTES) throw new Refusal(413, 'Payload too large')
    parts.push(part)
  }
  return Buffer.concat(parts)
}

function multipartFields(body: Buffer, boundary: string): JsonObject {
  const fields: JsonObject = {}
  // latin1 keeps every byte, so that file contents cannot shift the boundaries.
  for (const part of body.toString('latin1').split(`--${boundary}`)) {
    const [head, ...rest] = part.split('\r\n\r\n')
    const name = /name="(?<name>[^"]*)"/.exec(head ?? '')?.groups?.['name']
    if (name === undefined) continue
    const value = rest.join('\r\n\r\n').replace(/\r\n$/, '')
    fields[name] = /filename="/.test(head ?? '')
      ? { sizeBytes: value.length }
      : Buffer.from(value, 'latin1').toString()
  }
  return fields
}

/** @throws Refusal 400 for JSON that is none. */
export function parseBody(body: Buffer, contentType: string | undefined): JsonObject {
  if (body.length === 0) return {}
  const boundary = /multipart\/form-data;.*boundary="?(?<boundary>[^";]+)/i.exec(contentType ?? '')?.groups
  if (boundary?.['boundary'] !== undefined) return multipartFields(body, boundary['boundary'])
  try {
    const parsed: unknown = JSON.parse(body.toString())
    if (parsed !== null && typeof parsed === 'object' && !Array.isArray(parsed)) return parsed as JsonObject
  } catch {
    throw new Refusal(
      400,
      `Body validation error: Unexpected token in JSON '${body.toString().slice(0, 80)}'`,
    )
  }
  throw new Refusal(400, 'Body validation error: Expected object')
}
