/** The HTTP API for queries that Prometheus, VictoriaMetrics and vmalert have in common. */

export interface Sample {
  readonly labels: Readonly<Record<string, string>>
  readonly value: number
}

export interface Line {
  readonly labels: Readonly<Record<string, string>>
  readonly points: ReadonlyArray<readonly [timeSeconds: number, value: number]>
}

export interface RangeSeconds {
  readonly start: number
  readonly end: number
  readonly step: number
}

export interface QueryApi {
  /** Instant query. Throws with the server's own words when it is refused. */
  query(expr: string, timeSeconds?: number): Promise<Sample[]>
  queryRange(expr: string, range: RangeSeconds): Promise<Line[]>
  metricNames(): Promise<string[]>
  labelNames(): Promise<string[]>
}

interface Answer<T> {
  readonly status: string
  readonly error?: string
  readonly data: T
}

interface Result<T> {
  readonly result: ReadonlyArray<{ readonly metric: Record<string, string> } & T>
}

async function get<T>(url: string, path: string, parameters: Record<string, string> = {}): Promise<T> {
  const response = await fetch(`${url}/api/v1/${path}?${new URLSearchParams(parameters)}`)
  const answer = (await response.json()) as Answer<T>
  if (answer.status !== 'success')
    throw new Error(`${answer.error ?? response.status}\n${parameters['query'] ?? path}`)
  return answer.data
}

/** @param url Without a slash at its end. */
export function queryApi(url: string): QueryApi {
  return {
    query: async (query, timeSeconds) => {
      const time = timeSeconds === undefined ? {} : { time: String(timeSeconds) }
      const { result } = await get<Result<{ value: [number, string] }>>(url, 'query', { query, ...time })
      return result.map(({ metric, value }) => ({ labels: metric, value: Number(value[1]) }))
    },
    queryRange: async (query, { start, end, step }) => {
      const { result } = await get<Result<{ values: Array<[number, string]> }>>(url, 'query_range', {
        query,
        start: String(start),
        end: String(end),
        step: String(step),
      })
      return result.map(({ metric, values }) => ({
        labels: metric,
        points: values.map(([time, value]) => [time, Number(value)] as const),
      }))
    },
    metricNames: () => get<string[]>(url, 'label/__name__/values'),
    labelNames: () => get<string[]>(url, 'labels'),
  }
}

export interface RuleHealth {
  /** Name of the recorded series or alert. */
  readonly name: string
  /** Empty while all is well. */
  readonly error: string
  readonly evaluated: boolean
}

/** How the last evaluation of each rule went. @param url Of a Prometheus or a vmalert. */
export async function ruleHealth(url: string): Promise<RuleHealth[]> {
  const { groups } = await get<{
    groups: Array<{ rules: Array<{ name: string; lastError?: string; health: string }> }>
  }>(url, 'rules')
  return groups.flatMap(({ rules }) =>
    rules.map(({ name, lastError = '', health }) => ({
      name,
      error: lastError === '' && health === 'err' ? health : lastError,
      evaluated: health !== 'unknown',
    })),
  )
}
