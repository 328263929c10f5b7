/**
 * Every threshold, window, budget and label list of the rules, alerts and dashboards. Change it here, run
 * `npm run mixin`, commit what it wrote.
 */
import { homepage } from '../../package.json'
import { CREDITS_PER_USD } from './names.ts'

export type Severity = 'critical' | 'warning' | 'info'

export interface Budget {
  /** Spend of any 24 hours, in US dollars. */
  readonly dailyUsd: number
  /** Spend of any 30 days, in US dollars. */
  readonly monthlyUsd: number
}

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

  rules: {
    /**
     * How often increments are taken: at least as long as the scrape interval. Each evaluation records what was
     * added since the one before.
     */
    intervalSeconds: 30,
    /**
     * How often the rules over days are evaluated: they read many samples and change slowly. Well below the
     * 5 minutes after which Prometheus takes a sample for stale, or alerts on them would flap.
     */
    slowIntervalSeconds: 120,
    /** How long a counter that stopped answering is remembered: what it added meanwhile is then not lost. */
    counterMemory: '1h',
    /** How long the rules must have been evaluated before the first value of a new target counts as new spend. */
    firstSight: '5m',
  },

  counting: {
    /** How often counters are counted. */
    intervalSeconds: 60,
    /** Younger scrapes may still be under way: slower ones than this are counted late, or lost in a restart. */
    lagSeconds: 30,
    /** How long a process that stopped answering is still read: longer than any pause between scrapes or pushes. */
    window: '15m',
    /**
     * How long a counted value is known: of money, and of everything else. After a longer silence, of a process or of
     * Prometheus, counting goes on from the value then found. Each sample is read once a minute: this is what costs.
     */
    longMemory: '6h',
    shortMemory: '1h',
    /** A process that is seen for the first time and is younger counts in full, an older one from now on. */
    youngSeconds: 7230,
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

  /** The past that runway and coverage are taken from. */
  windowHours: 6,

  runway: {
    warningHours: 24,
    criticalHours: 4,
    /** So long a new Prometheus must have watched: a burst in its first minutes is no pace. */
    minimumWatched: '1h',
  },

  budgets: {
    /** For every account not named below. */
    default: { dailyUsd: 50, monthlyUsd: 1000 },
    accounts: {} as Readonly<Record<string, Budget>>,
  },

  spike: {
    /** This hour's spend over the median of the same hour on the days before. */
    factor: 3,
    /** Hours cheaper than this are never a spike. */
    minimumUsd: 1,
    days: 7,
  },

  keyLimit: { ratio: 0.9 },

  errors: {
    windowMinutes: 10,
    classes: [
      { name: 'rate_limited', errorType: '429', ratio: 0.05, minimumFailures: 5 },
      // AI/ML API answers 403, not 402, when the balance is used up. Then, and with a bad key, all calls fail: these
      // two page at the first one where there is little traffic, and never for one refused call of many.
      { name: 'forbidden', errorType: '403', ratio: 0.5, minimumFailures: 1 },
      { name: 'unauthorized', errorType: '401', ratio: 0.5, minimumFailures: 1 },
      { name: 'refused', errorType: '40[13]', ratio: 0.05, minimumFailures: 5 },
      { name: 'server', errorType: '5..', ratio: 0.05, minimumFailures: 5 },
      { name: 'unreachable', errorType: 'timeout|E[A-Z_]+|UND_ERR_[A-Z_]+', ratio: 0.05, minimumFailures: 5 },
    ],
  },

  /** Calls whose cost will never be known, of all calls in an hour. */
  usageMissing: { ratio: 0.01, minimumCalls: 3 },

  /** Calls still waiting for their cost. */
  settlement: { minimumPending: 100, growthMinutes: 30 },

  /** Charged by the account's ledger against counted by the services. */
  coverage: {
    ratio: 0.95,
    minimumUsd: 0.5,
    /** Ledger entries that are calls; the others are expiries and adjustments. Regular expression. */
    usageTypes: '(?i)model_usage',
  },

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
