import diagnosticsChannel from 'node:diagnostics_channel'
import http from 'node:http'
import { undiciModules } from './undici-clients.ts'

const channelNames = [
  ...['create', 'bodySent', 'headers', 'trailers', 'error', 'bodyChunkSent', 'bodyChunkReceived'].map(
    (event) => `undici:request:${event}`,
  ),
  'undici:client:sendHeaders',
  ...['request.created', 'request.start', 'request.error', 'response.finish'].map(
    (event) => `http.client.${event}`,
  ),
]

/** All that is shared and could be left changed: channels, prototypes, properties of the global object. */
export const readSharedState = (): unknown => ({
  channels: channelNames.map((name) => {
    const channel = diagnosticsChannel.channel(name)
    return [name, channel.hasSubscribers, Object.getOwnPropertyNames(channel).toSorted()]
  }),
  clientRequest: Object.getOwnPropertyDescriptors(http.ClientRequest.prototype),
  dispatchers: undiciModules.map(([, undici]) => {
    let prototype: object = undici.Client.prototype
    const chain = []
    while (prototype !== Object.prototype) {
      chain.push(Object.getOwnPropertyDescriptor(prototype, 'dispatch'))
      prototype = Object.getPrototypeOf(prototype)
    }
    return chain
  }),
  globals: Reflect.ownKeys(globalThis).map(String).toSorted(),
})
