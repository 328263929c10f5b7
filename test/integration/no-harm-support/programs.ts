import http from 'node:http'
import axios from 'axios'
import { dispatcherOf, fetches, undiciModules } from '../traffic-support/undici-clients.ts'
import { readAll, type Program } from './compare.ts'

/** A call or two by each kind of client, for tests that try each of them with many faults. */
export const programs: readonly (readonly [string, Program])[] = [
  ...fetches.map(([name, get]): [string, Program] => [
    name,
    async ({ url }) => {
      const response = await get(`${url}/echo`, { method: 'POST', body: 'a question' })
      return [response.status, await response.text(), await (await get(`${url}/pieces`)).arrayBuffer()]
    },
  ]),
  ...undiciModules.map(([name, undici]): [string, Program] => [
    `${name} request`,
    async ({ url }) => {
      const options = { method: 'POST', body: 'a question', dispatcher: dispatcherOf(undici) } as const
      const { statusCode, body, trailers } = await undici.request(`${url}/trailers`, options)
      return [statusCode, await body.text(), trailers]
    },
  ]),
  [
    'http.request',
    ({ url }) =>
      new Promise((resolve, reject) => {
        const request = http.request(`${url}/echo`, { method: 'POST' }, (response) => {
          readAll(response).then((body) => resolve([response.statusCode, body]), reject)
        })
        request.on('error', reject)
        request.write('a ')
        request.end('question')
      }),
  ],
  ['axios', async ({ url }) => (await axios.post<string>(`${url}/redirect`, 'a question')).data],
]
