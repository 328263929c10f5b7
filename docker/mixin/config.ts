/**
 * Every threshold, window, budget and label list of the rules, alerts and dashboards. Change it here, run
 * `npm run mixin`, commit what it wrote.
 */
import { homepage } from '../../package.json'
import { CREDITS_PER_USD } from './names.ts'

export type Severity = 'critical' | 'warning' | 'info'

/** One kind of failed call that is alerted on. */
export interface ErrorClass {
  /** Value of the label `aimlapi_error_class` in the recorded series. */
  readonly name: string
  /** Regular expression over `error_type`. */
  readonly errorType: string
  /** Share of all calls, 0 to 1, above which the alert fires. */
  readonly ratio: number
  /** Failures in the window below which nothing fires: one failed call of two is no outage. */
  readonly minimumFailures: number
}

export const config = {
  /** Spend tags allow-listed with `AIMLAPI_METRIC_TAGS`: each becomes a label, a variable and a level of rules. */
  tags: ['team', 'feature'],

  /** What the shipped scrape configurations ask for. */
  scrapeIntervalSeconds: 30,

  counting: {
    /** How often counters are counted. */
    intervalSeconds: 60,
    /** Younger scrapes may still be under way: slower ones than this are counted late, or lost in a restart. */
    lagSeconds: 30,
    /** How long what a process told is taken for the present where one scrape or push is missing. */
    window: '15m',
    /** How long totals and starts of processes are known while no rule is evaluated. */
    longMemory: '6h',
    /** How long a process that is gone is waited for. After a longer silence, counting goes on from the value found. */
    goneMemory: '2h',
    /** How long its last values are known: it is waited for, and then they move, perhaps after a short pause of the rules. */
    lastValuesMemory: '150m',
    /** How far back the last values of a process that is gone are looked for, when it is gone. */
    lastValues: '15m',
    /** How long Prometheus shows a sample that nothing follows: a push. */
    lookBack: '5m',
    /** After a longer pause of the rules, the last values of what was gone meanwhile cannot be found. */
    longestPause: '9m',
    /** For so long after such a pause nothing new is taken up, so that what was lost can be told. */
    settleSeconds: 300,
    /** A process that is seen for the first time and is younger counts in full, an older one from now on. */
    youngSeconds: 7230,
    /**
     * How long what a process had pushed may be seen beside what the one gives that has taken its name: the look-back of
     * Prometheus, the default `metric_expiration` of a Collector, and a minute.
     */
    leftovers: '6m',
    /** For so long a new Prometheus takes nothing that it finds for new. */
    firstSightSeconds: 300,
    /** Labels that tell processes apart; totals do without. Prometheus ignores those that do not exist. */
    processLabels: [
      'instance',
      'pod',
      'container',
      'node',
      'uid',
      'service_instance_id',
      'host_name',
      'host_id',
      'host_arch',
      'process_pid',
      'process_executable_name',
      'process_executable_path',
      'process_owner',
      'process_runtime_name',
      'process_runtime_version',
      'process_runtime_description',
      'container_id',
      'k8s_pod_name',
      'k8s_pod_uid',
      'k8s_node_name',
      'telemetry_sdk_language',
      'telemetry_sdk_name',
      'telemetry_sdk_version',
      'otel_scope_name',
      'otel_scope_version',
    ],
  },

  /** 2,000,000, from the service's documentation. */
  creditsPerUsd: CREDITS_PER_USD,

  balance: {
    /** Alert below this even where the account's own threshold is lower (its default is half a cent). */
    minimumUsd: 5,
    /** Age of the last good answer. The poll's own back-off ends at 15 minutes. */
    staleAfterMinutes: 20,
  },

  absence: {
    /** How long an account or service that stopped reporting is still expected. */
    memory: '6h',
    /** Jobs that come and go: nobody misses them. Regular expression over `job`; none by default. */
    temporaryJobs: '',
  },

  /** The past that coverage and prices are taken from. */
  windowHours: 6,

  /** Whose midnight ends a counted day. What the account itself says is always of UTC. */
  timeZone: {
    /** East of UTC. Used where no exporter gives `aimlapi_time_zone_offset_seconds`, that of its variable TZ. */
    offsetSeconds: 0,
  },

  /** The rest of the month costs this much more or less than the pace says; a new Prometheus is less sure. */
  forecast: { spread: 0.1 },

  runway: {
    warningHours: 24,
    criticalHours: 4,
    /** At the pace of ten minutes, whatever the hour before was like. */
    emptySoonHours: 0.5,
    /** So long a new Prometheus must have watched: a burst in its first minutes is no pace. */
    minimumWatchedSeconds: 3600,
  },

  /** From `aimlapi_budget_usd`; without it there is none. */
  budgets: { nearRatio: 0.8 },

  /** On a Monday, an account must be known since Friday: its weekend says nothing of a working day. */
  beforeMonday: '3d',

  /** A ticket: an hour over the usual one. On the first day nobody knows what is usual. */
  spike: { factor: 3, minimumUsd: 1, early: '1d' },

  /**
   * A page: a pace of ten minutes over the highest of two weeks, or over a ceiling whatever is usual. In the first two
   * days of an account, in which a morning may be many times the night, it takes a larger factor.
   */
  runaway: {
    factor: 3,
    earlyFactor: 10,
    early: '2d',
    minimumUsdPerHour: 2,
    ceilingUsdPerHour: 100,
    minimumWatchedSeconds: 1800,
    /** Longer than the pace of five minutes shows what arrived at once after an outage. */
    goesOnFor: '6m',
  },

  keyLimit: { ratio: 0.9 },

  shutdown: { days: 14 },

  /** Paid over list price. */
  priceDrift: { ratio: 1.1, minimumUsd: 1 },

  errors: {
    /** A class of errors must fill the long window and still go on in the short one. */
    windows: ['3m', '10m', '1h'],
    classes: [
      { name: 'rate_limited', errorType: '429', ratio: 0.05, minimumFailures: 5 },
      // AI/ML API answers 403, not 402, when the balance is used up. Then, and with a bad key, all calls fail.
      { name: 'forbidden', errorType: '403', ratio: 0.5, minimumFailures: 3 },
      { name: 'unauthorized', errorType: '401', ratio: 0.5, minimumFailures: 3 },
      { name: 'refused', errorType: '40[13]', ratio: 0.05, minimumFailures: 5 },
      { name: 'server', errorType: '5..', ratio: 0.05, minimumFailures: 5 },
      { name: 'unreachable', errorType: 'timeout|E[A-Z_]+|UND_ERR_[A-Z_]+', ratio: 0.05, minimumFailures: 5 },
    ],
  },

  /** Calls that were paid, but whose cost or tokens no answer and no log told: of all calls in an hour. */
  usageMissing: { ratio: 0.01, minimumCalls: 3 },

  /** Calls still waiting for their cost. */
  settlement: { minimumPending: 100, growthMinutes: 30, stillRatio: 0.9 },

  /** Charged to the account against counted by the services. */
  coverage: { ratio: 0.95, minimumUsd: 0.5 },

  /**
   * Failed polls of an account endpoint, of all in the window. It holds three even at the slowest pace of the
   * back-off (15 minutes), so that a poll that fails for good is reported without a break, and one failure never.
   */
  polls: { windowMinutes: 60, ratio: 0.5, minimumFailures: 3 },

  /** Where `runbook_url` points; the anchor of the alert is added. */
  runbookUrl: `${homepage.replace(/#.*/, '')}/blob/main/docker/runbook.md`,
} as const

/** What a severity asks of people. The runbook prints this table. */
export const SEVERITIES: Readonly<Record<Severity, string>> = {
  critical: 'Pages. Calls fail or will fail within hours; somebody acts now, at any time of day.',
  warning: 'A ticket. Somebody looks within the working day.',
  info: 'Notifies nobody. Seen on the dashboards; helps to explain other alerts.',
}
