/** Describes the process that has the port of `/metrics`, for messages. */
import { getBuiltinModule } from '../builtin.ts'
import type { PrometheusOptions } from '../config.ts'
import { runAsOwnTraffic } from '../own-traffic.ts'

const TIMEOUT_MS = 2_000
/** A larger page is not `/metrics`. */
const MAX_PAGE_BYTES = 4 * 1024 * 1024
const OUR_METRIC = /^(?:aimlapi_|gen_ai_client_)/m
const ANY_METRIC = /^# (?:TYPE|HELP) /m
const PROCESS_ID = /^target_info\{[^}]*process_pid="(\d{1,10})"/m

/** Words to follow "in use by". Never rejects; takes 2 s at most and does not keep the process alive. */
export async function describeOccupant(place: PrometheusOptions): Promise<string> {
  const page = await readPage(place)
  if (page === undefined) return 'another process'
  const [, processId] = PROCESS_ID.exec(page) ?? []
  const which = processId === undefined ? 'another process' : `process ${processId}`
  if (OUR_METRIC.test(page)) return `${which}, which serves its own metrics of this package there`
  return ANY_METRIC.test(page) ? `${which}, which serves metrics of its own there` : 'another process'
}

/** Whether the page at `place` shows metrics of this package. */
export async function servesOurMetrics(place: PrometheusOptions): Promise<boolean> {
  return OUR_METRIC.test((await readPage(place)) ?? '')
}

/** The body of an HTTP response from the place, of any status. */
function readPage({ host, port, endpoint }: PrometheusOptions): Promise<string | undefined> {
  const { get } = getBuiltinModule('node:http')
  const reachable = host === '0.0.0.0' || host === '::' ? 'localhost' : host
  return new Promise((resolve) => {
    const timer = setTimeout(() => finish(undefined), TIMEOUT_MS).unref()
    const finish = (page: string | undefined): void => {
      clearTimeout(timer)
      resolve(page)
      request.destroy()
    }
    const request = runAsOwnTraffic(() => get({ host: reachable, port, path: endpoint, agent: false }))
    request.on('socket', (socket) => {
      socket.unref()
      socket.on('connect', () => socket.unref())
    })
    request.on('error', () => finish(undefined))
    request.on('response', (response) => {
      let page = ''
      response.setEncoding('utf8')
      response.on('data', (text: string) => {
        page += text
        if (page.length > MAX_PAGE_BYTES) finish(undefined)
      })
      response.on('end', () => finish(page))
      response.on('error', () => finish(undefined))
    })
  })
}
