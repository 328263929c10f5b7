import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import type { Server } from 'node:http'
import type { Socket } from 'node:net'
import { expect, it } from 'vitest'
import { sendText, serveHttp } from '../../../src/sdk/http-server.ts'
import { findFreePorts } from '../../free-port.ts'

it('goes on serving when a connection cannot be accepted', async () => {
  const [port = 0] = await findFreePorts(1)
  const http = await serveHttp('127.0.0.1', port, { '/': (_, response) => sendText(response, 200, 'ok') })
  const get = async () => (await fetch(`http://127.0.0.1:${port}/`)).text()
  let server: Server | undefined
  // Node tells of each connection here, and each connection knows its server.
  const onSocket = (message: unknown) => {
    server = (message as { socket: Socket & { server: Server } }).socket.server
  }
  subscribe('net.server.socket', onSocket)
  try {
    expect(await get()).toBe('ok')
    server?.emit('error', Object.assign(new Error('accept EPERM'), { code: 'EPERM' }))
    expect(server).toBeDefined()
    expect(await get()).toBe('ok')
  } finally {
    unsubscribe('net.server.socket', onSocket)
    await http.close()
  }
})
