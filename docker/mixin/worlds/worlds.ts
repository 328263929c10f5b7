/** Ordinary and bad days of processes, whose spend is known: what the counting rules are held against. */
import { BUSY, HOUR, SPARSE, generations, push, run, scrape } from './runs.ts'
import type { World } from './world.ts'

const WEEK = 7 * 24 * HOUR

/** Fails between these times of the world. */
const between =
  (...times: ReadonlyArray<readonly [fromS: number, toS: number]>) =>
  (atS: number) =>
    times.some(([from, to]) => atS >= from && atS < to)

const M = 60
const silences = (minutes: readonly number[]) => {
  const spans = Array.from({ length: 8 }, (_, hour) =>
    minutes.map((length, index): [number, number] => {
      const from = hour * HOUR + (index * HOUR) / minutes.length + 5 * M
      return [from, from + length * M]
    }),
  ).flat()
  return between(...spans)
}

const others = Array.from({ length: 3 }, (_, index) => run({ instance: `calm-${index}` }))

export const worlds: readonly World[] = [
  { name: 'scraped every 5 s', hours: 2, gridS: 5, runs: [run({ seen: scrape(5) })] },
  { name: 'scraped every 15 s', hours: 8, runs: [run()] },
  { name: 'scraped every 60 s', hours: 8, runs: [run({ seen: scrape(60) })] },
  { name: 'scraped every 240 s', hours: 8, runs: [run({ seen: scrape(240) })] },
  {
    name: 'one scrape of ten fails',
    hours: 8,
    runs: [run({ seen: scrape(15, { fails: (at) => (at / 15) % 10 === 3 }) })],
  },
  {
    name: 'every other scrape fails',
    hours: 8,
    runs: [run({ seen: scrape(15, { fails: (at) => (at / 15) % 2 === 1 }) })],
  },
  { name: 'each label set is used once or twice', hours: 8, runs: [run({ spending: SPARSE })] },
  {
    name: 'a scrape config is added to a service that has spent $700',
    hours: 8,
    runs: [
      ...others,
      run({
        instance: 'old',
        startS: -3 * WEEK,
        spending: { ...BUSY, atOnce: (700 * 2_000_000) / 6 },
        seen: scrape(15, { fromS: 2 * HOUR }),
        countedFromS: 2 * HOUR,
      }),
    ],
  },
  {
    name: 'a scrape config is added 50 minutes after the process started',
    hours: 8,
    runs: [run({ seen: scrape(15, { fromS: 50 * M }) })],
  },
  {
    name: 'a scrape config is added 3 hours after the process started',
    hours: 8,
    runs: [run({ seen: scrape(15, { fromS: 3 * HOUR }), countedFromS: 3 * HOUR })],
  },
  {
    name: 'a pushing process is silent for 70 minutes',
    hours: 8,
    runs: [run({ seen: push(60, { fails: between([3 * HOUR, 3 * HOUR + 70 * M]) }) })],
  },
  {
    name: 'a pushing process is silent for 20 and for 70 minutes, label sets are born meanwhile',
    hours: 8,
    runs: [
      run({
        spending: SPARSE,
        seen: push(60, { fails: between([2 * HOUR, 2 * HOUR + 20 * M], [4 * HOUR, 4 * HOUR + 70 * M]) }),
      }),
    ],
  },
  {
    name: 'a pushing process is silent for 4, 5, 6 and 7 minutes each hour',
    hours: 8,
    runs: [run({ seen: push(60, { fails: silences([4, 5, 6, 7]) }) })],
  },
  {
    name: 'scrapes fail for 4, 5, 6 and 7 minutes each hour',
    hours: 8,
    runs: [run({ seen: scrape(15, { fails: silences([4, 5, 6, 7]) }) })],
  },
  {
    name: 'a frozen function pushes every 90 minutes',
    hours: 8,
    runs: [run({ spending: { ...BUSY, everyS: 30 * M }, seen: push(90 * M) })],
  },
  {
    name: 'a target cannot be reached for 70 minutes',
    hours: 8,
    runs: [run({ seen: scrape(15, { fails: between([3 * HOUR, 3 * HOUR + 70 * M]) }) })],
  },
  {
    name: 'a target cannot be reached for 70 minutes and is restarted meanwhile',
    hours: 8,
    runs: [
      run({ endS: 3 * HOUR + 40 * M, seen: scrape(15, { fails: between([3 * HOUR, 3 * HOUR + 70 * M]) }) }),
      run({
        startS: 3 * HOUR + 41 * M,
        seen: scrape(15, { fails: between([3 * HOUR, 3 * HOUR + 70 * M]) }),
      }),
    ],
  },
  { name: 'restarted every hour, same instance', hours: 8, runs: generations(8, HOUR, 40, () => ({})) },
  {
    name: 'restarted every 15 minutes without a failed scrape',
    hours: 8,
    runs: generations(8, 15 * M, 1, () => ({})),
  },
  {
    name: 'crashes every 10 minutes and is back at once, label sets are rare',
    hours: 8,
    runs: generations(8, 10 * M, 1, () => ({ spending: { ...SPARSE, everyS: 20 * M } })),
  },
  {
    name: 'crashes after 3 minutes and is back after 5, label sets are rare',
    hours: 8,
    runs: generations(8, 8 * M, 5 * M, () => ({ spending: { ...SPARSE, everyS: 20 * M } })),
  },
  {
    name: 'pushes for 3 minutes and again after 2, label sets are rare',
    hours: 8,
    runs: generations(8, 5 * M, 2 * M, () => ({ spending: { ...SPARSE, everyS: 20 * M }, seen: push(30) })),
  },
  {
    name: 'a pushing process is restarted every 5 minutes, label sets are rare',
    hours: 8,
    runs: generations(8, 5 * M, 15, () => ({ spending: { ...SPARSE, everyS: 20 * M }, seen: push(60) })),
  },
  {
    name: 'crashes every minute',
    hours: 4,
    gridS: 5,
    runs: generations(4, M, 5, () => ({})),
  },
  {
    name: 'ten pods are replaced every hour',
    hours: 8,
    runs: Array.from({ length: 10 }, (_, pod) =>
      generations(8, HOUR, 10, (generation) => ({ instance: `pod-${pod}-${generation}` })),
    ).flat(),
  },
  {
    name: 'ten pods are replaced every hour, scraped every 60 s',
    hours: 8,
    runs: Array.from({ length: 10 }, (_, pod) =>
      generations(8, HOUR, 10, (generation) => ({ instance: `pod-${pod}-${generation}`, seen: scrape(60) })),
    ).flat(),
  },
  {
    name: 'four pods are replaced every 10 minutes, they listen after 12 s',
    hours: 8,
    runs: Array.from({ length: 4 }, (_, pod) =>
      generations(8, 10 * M, 10, (generation) => ({
        instance: `pod-${pod}-${generation}`,
        seen: scrape(15, { bootS: 12 }),
      })),
    ).flat(),
  },
  {
    name: 'four pods are replaced every half hour, and get the addresses of others',
    hours: 8,
    runs: Array.from({ length: 4 }, (_, pod) =>
      generations(8, 30 * M, 40, (generation) => ({
        instance: `10.0.0.${(pod + generation) % 4}`,
        pod: `shop-${pod}-${generation}`,
        spending: { ...BUSY, labelSets: 3 + pod },
      })),
    ).flat(),
  },
  {
    name: 'a pod is scraped once before it listens',
    hours: 2,
    runs: [...others, run({ instance: 'late', startS: 40 * M - 2, seen: scrape(15, { bootS: 10 }) })],
  },
  {
    name: 'a job of 20 s every 5 minutes, scraped',
    hours: 8,
    gridS: 5,
    runs: generations(8, 5 * M, 280, (generation) => ({
      instance: `job-${generation}`,
      spending: { ...BUSY, everyS: 5 },
      seen: scrape(15),
    })),
  },
  {
    name: 'a job of 20 s every 5 minutes, pushed at its end',
    hours: 8,
    gridS: 5,
    runs: generations(8, 5 * M, 280, (generation) => ({
      instance: `job-${generation}`,
      spending: { ...BUSY, everyS: 5 },
      seen: push(60),
    })),
  },
  {
    name: 'a job of 20 s every hour under one name, pushed at its end, spends the same every time',
    hours: 8,
    gridS: 5,
    runs: generations(8, HOUR, HOUR - 20, () => ({
      instance: 'nightly',
      spending: { labelSets: 3, everyS: Infinity, credits: 0, atOnce: 100_000 },
      seen: push(60),
    })),
  },
  {
    name: 'a job of 20 s every hour under one name, pushed at its end, with fewer or more label sets every time',
    hours: 8,
    gridS: 5,
    runs: generations(8, HOUR, HOUR - 20, (generation) => ({
      instance: 'nightly',
      spending: { labelSets: 1 + ((generation * 2) % 5), everyS: Infinity, credits: 0, atOnce: 100_000 },
      seen: push(60),
    })),
  },
  {
    name: 'a job of 20 s every three hours under one name, pushed at its end',
    hours: 12,
    runs: generations(12, 3 * HOUR, 3 * HOUR - 20, () => ({
      instance: 'nightly',
      spending: { labelSets: 3, everyS: Infinity, credits: 0, atOnce: 100_000 },
      seen: push(60),
    })),
  },
  {
    name: 'a target cannot be reached for 20 minutes in every hour',
    hours: 8,
    runs: [run({ seen: scrape(15, { fails: (at) => at % HOUR > 30 * M && at % HOUR < 50 * M }) })],
  },
  {
    name: 'an old idle service makes its first calls',
    hours: 8,
    runs: [
      run({
        startS: -WEEK,
        spending: { ...SPARSE, fromS: 4 * HOUR },
        seen: scrape(15, { fromS: 3 * HOUR }),
      }),
    ],
  },
  {
    name: 'a job is renamed when its process is 30 minutes old',
    hours: 8,
    runs: [
      // The same process and books: what it had spent by then was counted under the old name.
      run({ endS: 30 * M, job: 'shop' }),
      run({ job: 'store', countedFromS: 30 * M, seen: scrape(15, { fromS: 30 * M }) }),
    ],
  },
  {
    name: 'two of three evaluations are missed',
    hours: 8,
    evaluationS: 180,
    runs: Array.from({ length: 4 }, (_, pod) =>
      generations(8, HOUR, 10, (generation) => ({ instance: `pod-${pod}-${generation}` })),
    ).flat(),
  },
  {
    name: 'Prometheus is down for 6 minutes',
    hours: 8,
    runs: [run(), run({ instance: 'b', spending: SPARSE })],
    down: [[4 * HOUR + 20, 4 * HOUR + 6 * M + 50]],
  },
  {
    name: 'Prometheus is down for 20 minutes, a process is restarted meanwhile and ends two hours later',
    hours: 8,
    runs: [
      run({ endS: 4 * HOUR + 5 * M }),
      run({ startS: 4 * HOUR + 6 * M, endS: 6 * HOUR, spending: { ...BUSY, labelSets: 3 } }),
      run({ instance: 'b', spending: SPARSE }),
    ],
    down: [[4 * HOUR + 20, 4 * HOUR + 20 * M]],
  },
  {
    name: 'Prometheus is down for 50 minutes while every pod is replaced',
    hours: 8,
    runs: [
      run({ endS: 4 * HOUR + 10 * M, instance: 'before' }),
      run({ startS: 4 * HOUR + 10 * M, instance: 'after' }),
      run({ instance: 'b', spending: SPARSE }),
    ],
    down: [[4 * HOUR + 20, 4 * HOUR + 50 * M]],
  },
  {
    name: 'Prometheus is down for 70 minutes while one of four pods is replaced',
    hours: 8,
    runs: [
      run({ endS: 4 * HOUR + 20 * M, instance: 'before' }),
      run({ startS: 4 * HOUR + 20 * M, instance: 'after' }),
      ...['b', 'c', 'd'].map((instance) => run({ instance })),
    ],
    down: [[4 * HOUR + 20, 5 * HOUR + 10 * M]],
  },
  {
    name: 'Prometheus is down for 20 minutes, two of four pods are restarted under their names',
    hours: 8,
    runs: ['a', 'b', 'c', 'd'].flatMap((instance, index) =>
      index < 2
        ? [run({ instance, endS: 4 * HOUR + 5 * M }), run({ instance, startS: 4 * HOUR + 6 * M })]
        : [run({ instance, spending: index === 2 ? BUSY : SPARSE })],
    ),
    down: [[4 * HOUR + 20, 4 * HOUR + 20 * M]],
  },
  {
    name: 'Prometheus is down for 20 minutes every two hours while pods are replaced every hour',
    hours: 8,
    runs: ['a', 'b', 'c'].flatMap((pod, index) =>
      generations(8, HOUR + index * 7 * M, 20, (generation) => ({ instance: `${pod}-${generation}` })),
    ),
    down: [2, 4, 6].map((hour) => [hour * HOUR - 5 * M, hour * HOUR + 15 * M] as const),
  },
  {
    name: 'Prometheus is down for 5 hours',
    hours: 12,
    runs: [run(), run({ instance: 'b', spending: SPARSE })],
    down: [[4 * HOUR, 9 * HOUR]],
  },
]
