/** Sends one step with one of the clients and reads the answer as an application would. */
import { request as httpRequest } from 'node:http'
import { request as undiciRequest } from 'undici'
import type { Client } from './plan.ts'

export interface Outgoing {
  readonly client: Client
  readonly url: string
  readonly method: 'GET' | 'POST'
  readonly headers: Readonly<Record<string, string>>
  readonly body?: string
  /** Break off after so many bytes of the body. */
  readonly stopAfterBytes: number | undefined
}

/** The text that arrived, or `undefined` when the call failed or was broken off. Never rejects. */
export async function send(outgoing: Outgoing): Promise<string | undefined> {
  try {
    return await CLIENTS[outgoing.client](outgoing)
  } catch {
    return undefined
  }
}

const CLIENTS: Readonly<Record<Client, (outgoing: Outgoing) => Promise<string | undefined>>> = {
  async fetch({ url, method, headers, body, stopAfterBytes }) {
    const controller = new AbortController()
    const response = await fetch(url, {
      method,
      headers,
      signal: controller.signal,
      ...(body !== undefined && { body }),
    })
    if (stopAfterBytes === undefined) return response.text()
    let bytes = 0
    for await (const chunk of response.body ?? []) {
      bytes += chunk.byteLength
      if (bytes < stopAfterBytes) continue
      // Half of the callers abort, the others just leave the loop.
      if (bytes % 2 === 0) controller.abort()
      break
    }
    return undefined
  },
  async undici({ url, method, headers, body, stopAfterBytes }) {
    const response = await undiciRequest(url, { method, headers, ...(body !== undefined && { body }) })
    if (stopAfterBytes === undefined) return response.body.text()
    let bytes = 0
    for await (const chunk of response.body) {
      bytes += (chunk as Buffer).byteLength
      if (bytes >= stopAfterBytes) break
    }
    return undefined
  },
  'node-http': ({ url, method, headers, body, stopAfterBytes }) =>
    new Promise((resolve, reject) => {
      const request = httpRequest(url, { method, headers }, (response) => {
        const chunks: Buffer[] = []
        let bytes = 0
        response.on('data', (chunk: Buffer) => {
          chunks.push(chunk)
          bytes += chunk.byteLength
          if (stopAfterBytes !== undefined && bytes >= stopAfterBytes) response.destroy()
        })
        response.on('error', reject)
        response.on('close', () => resolve(response.complete ? Buffer.concat(chunks).toString() : undefined))
      })
      request.on('error', reject)
      request.end(body)
    }),
}
