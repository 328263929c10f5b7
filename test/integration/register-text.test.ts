import { MeterProvider } from '@opentelemetry/sdk-metrics'
import { metrics } from '@opentelemetry/api'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { register, type Registration } from '../../src/index.ts'
import { findFreePort } from '../free-port.ts'
import { chat, scrape, startApi, type LocalServer } from './register-support/http.ts'

let api: LocalServer
let registration: Registration | undefined

beforeEach(async () => {
  api = await startApi()
})
afterEach(async () => {
  await registration?.shutdown()
  metrics.disable()
  api.close()
})

/** Without what is found out late: the id of the host. */
const settle = (text: string | undefined) => text?.replaceAll(/host_id="[^"]*",/g, '')

it('prometheusText() says what a call cost, without a flush and without an endpoint of its own', async () => {
  registration = register({ baseUrls: api.url, prometheus: false })
  await chat(api.url)
  expect(await registration.prometheusText()).toMatch(
    /^aimlapi_credits_used_total\{[^}]*gen_ai_request_model="gpt-5"[^}]*\} 2000$/m,
  )
})

it('prometheusText() is what /metrics answers', async () => {
  const port = await findFreePort()
  registration = register({ baseUrls: api.url, prometheus: { port } })
  await chat(api.url)
  const text = await registration.prometheusText()
  expect(text).toContain('aimlapi_requests_total{')
  expect(settle(await scrape(port))).toBe(settle(text))
})

it('prometheusText() is a comment where the metrics go to the application', async () => {
  metrics.setGlobalMeterProvider(new MeterProvider())
  registration = register({ baseUrls: api.url })
  await chat(api.url)
  expect(await registration.prometheusText()).toBe(
    '# the metrics go to the MeterProvider of the application\n',
  )
})
