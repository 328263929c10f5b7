/**
 * Ports of the loopback interface for servers that cannot take port 0 and say which one they got.
 *
 * They lie below the range from which operating systems take the local ports of outgoing connections (32768 on
 * Linux, 49152 elsewhere): between the look and the server's start no connection of another test gets one of them.
 */
import { once } from 'node:events'
import { createServer } from 'node:net'

const FIRST = 10_240
const LAST = 32_767
const given = new Set<number>()

async function isFree(port: number): Promise<boolean> {
  const server = createServer().listen({ port, host: 'localhost', exclusive: true })
  try {
    await once(server, 'listening')
  } catch {
    return false
  }
  server.close()
  await once(server, 'close')
  return true
}

/** The first of `count` ports in a row that nobody listens on, and that this process has not been given before. */
export async function findFreePortsInRow(count: number): Promise<number> {
  for (;;) {
    const first = FIRST + Math.floor(Math.random() * (LAST - FIRST + 2 - count))
    const row = Array.from({ length: count }, (_, index) => first + index)
    if (row.some((port) => given.has(port))) continue
    for (const port of row) given.add(port)
    if ((await Promise.all(row.map(isFree))).every(Boolean)) return first
  }
}

export function findFreePort(): Promise<number> {
  return findFreePortsInRow(1)
}

/** As many different ones as asked for. */
export function findFreePorts(count: number): Promise<number[]> {
  return Promise.all(Array.from({ length: count }, findFreePort))
}
