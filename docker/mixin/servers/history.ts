/** Fills a Prometheus with hours of samples in a minute, as if it had scraped and recorded all the time. */
import { writeRequestBody } from './remote-write.ts'

export interface PastSeries {
  readonly labels: Readonly<Record<string, string>>
  /** Seconds between two samples. */
  readonly everyS: number
  readonly valueAt: (atS: number) => number
}

/** Prometheus refuses samples that are older than its newest one by more than an hour. */
const SLICE_S = 1800
/** Samples of one request. */
const BATCH = 100_000

/**
 * From that time, in seconds since the epoch, until now: slice by slice.
 * @param url Of a Prometheus with `--web.enable-remote-write-receiver`.
 */
export async function writeHistory(url: string, series: readonly PastSeries[], fromS: number): Promise<void> {
  const labels = series.map((one) =>
    Object.entries(one.labels)
      .toSorted(([left], [right]) => (left < right ? -1 : 1))
      .map(([name, value]) => ({ name, value })),
  )
  const minute = () => Math.floor(Date.now() / 60_000) * 60
  // Now moves on meanwhile.
  for (let at = fromS; at < minute();) {
    const to = Math.min(at + SLICE_S, minute())
    let batch: object[] = []
    let samples = 0
    for (const [index, one] of series.entries()) {
      const past = samplesOf(one, at, to)
      batch.push({ labels: labels[index], samples: past })
      samples += past.length
      if (samples < BATCH) continue
      await post(url, batch)
      batch = []
      samples = 0
    }
    await post(url, batch)
    at = to
  }
}

function samplesOf({ everyS, valueAt }: PastSeries, fromS: number, toS: number): object[] {
  return Array.from({ length: Math.floor((toS - fromS) / everyS) }, (_, index) => {
    const atS = fromS + index * everyS
    return { value: valueAt(atS), timestamp: atS * 1000 }
  })
}

/** https://prometheus.io/docs/specs/prw/remote_write_spec/ */
async function post(url: string, timeseries: readonly object[]): Promise<void> {
  if (timeseries.length === 0) return
  const answer = await fetch(`${url}/api/v1/write`, {
    method: 'POST',
    headers: {
      'content-type': 'application/x-protobuf',
      'content-encoding': 'snappy',
      'x-prometheus-remote-write-version': '0.1.0',
    },
    body: writeRequestBody(timeseries),
  })
  if (!answer.ok) throw new Error(`Prometheus refused samples: ${answer.status} ${await answer.text()}`)
}
