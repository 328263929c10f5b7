import type http from 'node:http'
import axios, { type AxiosRequestConfig } from 'axios'
import { got } from 'got'
import nodeFetch from 'node-fetch'
import { describe } from 'vitest'
import { errorOf, readAll, testNoHarm, type Row } from './no-harm-support/compare.ts'

const failures = ['/reset', '/cut', '/cut-chunked', '/cut-reset', '/garbage', '/until-close']

type Config = AxiosRequestConfig
const axiosRows: Row[] = [
  ...['/echo', '/pieces', '/gzip', '/204', '/304', '/404', '/redirect', ...failures].map((path): Row => [
    `axios on ${path}`,
    path === '/redirect' ? 2 : 1,
    ({ url }) =>
      errorOf(
        axios
          .post(url + path, { a: 1 })
          .then(({ status, statusText, data }) => ({ status, statusText, data })),
      ),
  ]),
  ...(
    [
      ['a time limit', () => ({ timeout: 50 })],
      ['a signal', () => ({ signal: AbortSignal.timeout(500) })],
      ['a signal that was aborted before', () => ({ signal: AbortSignal.abort() })],
    ] as [string, () => Config][]
  ).map(([how, createConfig]): Row => [
    `axios with ${how}`,
    how.endsWith('before') ? 0 : 1,
    ({ url }) => errorOf(axios.get(`${url}/hang`, createConfig())),
  ]),
  [
    'axios with a body that is too long',
    1,
    ({ url }) => errorOf(axios.get(`${url}/big`, { maxContentLength: 1000 })),
  ],
  [
    'axios with a stream that is given up',
    1,
    async (server) => {
      const { data } = await axios.get<http.IncomingMessage>(`${server.url}/sse`, { responseType: 'stream' })
      for await (const chunk of data) if (chunk) break
      await server.waitFor('closed /sse')
      return server.seen
    },
  ],
]

const options = { retry: { limit: 0 } }
const gotRows: Row[] = [
  ...['/echo', '/pieces', '/gzip', '/204', '/304', '/404', ...failures].map((path): Row => [
    `got on ${path}`,
    1,
    ({ url }) =>
      errorOf(
        got
          .post(url + path, { ...options, json: { a: 1 } })
          .then((response) => [response.statusCode, response.rawBody, response.url, response.isFromCache]),
      ),
  ]),
  [
    'got on a redirect',
    2,
    async ({ url }) => {
      const { statusCode, redirectUrls, body } = await got(`${url}/redirect`, options)
      return [statusCode, redirectUrls.map(String), body]
    },
  ],
  [
    'got with retries',
    3,
    ({ url }) =>
      errorOf(
        got(`${url}/404`, {
          retry: {
            limit: 2,
            statusCodes: [404],
            calculateDelay: ({ attemptCount }) => (attemptCount > 2 ? 0 : 1),
          },
        }),
      ),
  ],
  [
    'got with a time limit',
    1,
    ({ url }) => errorOf(got(`${url}/hang`, { ...options, timeout: { request: 500 } })),
  ],
  [
    'got with a call that is cancelled',
    1,
    async (server) => {
      const call = got(`${server.url}/hang`, options)
      void server.waitFor('request /hang').then(() => call.cancel())
      return errorOf(call)
    },
  ],
  ['got as a stream', 1, ({ url }) => readAll(got.stream(`${url}/big`, options))],
]

const nodeFetchRows: Row[] = [
  ...['/echo', '/pieces', '/gzip', '/204', '/304', '/404', ...failures].map((path): Row => [
    `node-fetch on ${path}`,
    1,
    async ({ url }) =>
      errorOf(
        nodeFetch(url + path, { method: 'POST', body: 'question' }).then(async (response) => {
          const { status, statusText, redirected } = response
          return [status, statusText, response.url, redirected, await response.text()]
        }),
      ),
  ]),
  [
    'node-fetch with a copy',
    1,
    async ({ url }) => {
      const response = await nodeFetch(`${url}/pieces`)
      const copy = response.clone()
      return Promise.all([response.text(), copy.text()])
    },
  ],
  [
    'node-fetch with a signal',
    1,
    async (server) => {
      const controller = new AbortController()
      const call = nodeFetch(`${server.url}/hang`, { signal: controller.signal as never })
      void server.waitFor('request /hang').then(() => controller.abort())
      return errorOf(call)
    },
  ],
  [
    'node-fetch with a broken loop',
    1,
    async (server) => {
      const { body } = await nodeFetch(`${server.url}/sse`)
      for await (const chunk of body ?? []) if (chunk) break
      await server.waitFor('closed /sse')
      return server.seen
    },
  ],
]

describe('a client on node:http observes the same with and without us:', () => {
  testNoHarm([...axiosRows, ...gotRows, ...nodeFetchRows])
})
