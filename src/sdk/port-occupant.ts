/** Describes the process that has the port of `/metrics`, for messages. */
import { once } from 'node:events'
import type { IncomingMessage } from 'node:http'
import { getBuiltinModule } from '../builtin.ts'
import type { PrometheusOptions } from '../config.ts'
import { runAsOwnTraffic } from '../own-traffic.ts'

const TIMEOUT_MS = 2_000
/** A larger page is not `/metrics`. */
const MAX_PAGE_BYTES = 4 * 1024 * 1024
const OUR_METRIC = /^(?:aimlapi_|gen_ai_client_)/m
const ANY_METRIC = /^# (?:TYPE|HELP) /m
const PROCESS_ID = /^target_info\{[^}]*process_pid="(\d{1,10})"/m

/**
 * Words to follow "in use by", and whether it serves metrics of this package. Never rejects; takes 2 s at most and does not
 * keep the process alive.
 */
export async function describeOccupant(place: PrometheusOptions) {
  const page = await readPage(place)
  const [, processId] = PROCESS_ID.exec(page) ?? []
  const which = processId === undefined ? 'another process' : `process ${processId}`
  if (OUR_METRIC.test(page))
    return { words: `${which}, which serves its own metrics of this package there`, isOurs: true }
  const words = ANY_METRIC.test(page) ? `${which}, which serves metrics of its own there` : 'another process'
  return { words, isOurs: false }
}

/** The body of an HTTP response from the place, of any status. Empty where something else listens there. */
async function readPage({ host, port, endpoint }: PrometheusOptions): Promise<string> {
  const { get } = getBuiltinModule('node:http')
  const reachable = host === '0.0.0.0' || host === '::' ? 'localhost' : host
  const request = runAsOwnTraffic(() => get({ host: reachable, port, path: endpoint, agent: false }))
  const timer = setTimeout(() => request.destroy(), TIMEOUT_MS).unref()
  request.on('socket', (socket) => socket.unref().on('connect', () => socket.unref()))
  // Errors reject what is awaited below; one that comes later is of no interest.
  request.on('error', () => {})
  try {
    const [response] = (await once(request, 'response')) as [IncomingMessage]
    let page = ''
    for await (const text of response.setEncoding('utf8')) {
      page += text as string
      if (page.length > MAX_PAGE_BYTES) return ''
    }
    return page
  } catch {
    return ''
  } finally {
    clearTimeout(timer)
    request.destroy()
  }
}
