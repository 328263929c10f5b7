import type { EventEmitter } from 'node:events'
import http from 'node:http'
import { readAll } from './compare.ts'

/** What a user does with a request that was made. `events` is the list that is compared. */
export type Act = (request: http.ClientRequest, events: string[]) => void

/** Every event that an emitter emits, whether anybody listens or not. */
export const noteEvents = (emitter: EventEmitter, name: string, events: string[]): void => {
  const emit = emitter.emit.bind(emitter)
  emitter.emit = (event, ...args) => {
    if (event !== 'data' && event !== 'readable') events.push(`${name} ${String(event)}`)
    return emit(event, ...args)
  }
}

/**
 * One request and all that its user can see: every event in order, head, body, trailers, errors, and the state of
 * both objects at the moment of the response.
 */
export const requestAll = (
  url: string,
  options: http.RequestOptions = {},
  act: Act = (request) => request.end(),
) =>
  new Promise<unknown>((resolve) => {
    const events: string[] = []
    const seen: Record<string, unknown> = { events }
    const request = http.request(url, options)
    noteEvents(request, 'request', events)
    request.on('error', (error) => {
      seen.requestError = error
    })
    request.on('information', ({ statusCode, rawHeaders }) => {
      seen.information = [statusCode, rawHeaders]
    })
    request.on('upgrade', (response, socket, head) => {
      seen.upgrade = [response.statusCode, head]
      socket.destroy()
    })
    request.on('connect', (response, socket) => {
      seen.connect = response.statusCode
      socket.destroy()
    })
    request.on('response', (response) => {
      noteEvents(response, 'response', events)
      const { statusCode, statusMessage, httpVersion, readableFlowing, rawHeaders } = response
      const listeners = response.eventNames().map((event) => [String(event), response.listenerCount(event)])
      const head = rawHeaders.filter((value) => !value.endsWith('GMT'))
      seen.response = { statusCode, statusMessage, httpVersion, readableFlowing, head, listeners }
      readAll(response).then(
        (body) => {
          const { complete, aborted, rawTrailers } = response
          seen.body = { body, complete, aborted, rawTrailers }
        },
        (error: unknown) => {
          seen.responseError = error
        },
      )
    })
    request.on('close', () => setImmediate(() => resolve(seen)))
    act(request, events)
  })
