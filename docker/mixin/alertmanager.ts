/** The Alertmanager configuration: who is told how often, and which alert makes which other one needless. */
import type { Severity } from './config.ts'
import { label } from './names.ts'

interface Pace {
  /** Time to collect alerts of one group before the first notification. */
  readonly wait: string
  /** Time between notifications when the group changes. */
  readonly interval: string
  /** Time until an unchanged group is told again. */
  readonly repeat: string
}

const PACE: Readonly<Record<Severity, Pace>> = {
  critical: { wait: '10s', interval: '1m', repeat: '1h' },
  warning: { wait: '1m', interval: '10m', repeat: '12h' },
  info: { wait: '5m', interval: '1h', repeat: '7d' },
}

/** Where notifications go until the receivers below are replaced by yours. */
const WEBHOOK_URL = 'http://alert-log:9095/alerts'

function route(severity: Severity): object {
  const { wait, interval, repeat } = PACE[severity]
  return {
    receiver: severity,
    matchers: [`severity="${severity}"`],
    group_wait: wait,
    group_interval: interval,
    repeat_interval: repeat,
  }
}

function inhibit(source: string, targets: readonly string[], equal: readonly string[]): object {
  return {
    source_matchers: [`alertname="${source}"`],
    target_matchers: [`alertname=~"${targets.join('|')}"`],
    equal,
  }
}

const ACCOUNT = [label.account]

const receiver = (name: string) => ({
  name,
  webhook_configs: [{ url: WEBHOOK_URL, send_resolved: true }],
})

export const alertmanager = {
  route: {
    // What is not one of our severities still reaches somebody.
    receiver: 'warning',
    group_by: ['alertname', ...ACCOUNT],
    group_wait: PACE.warning.wait,
    group_interval: PACE.warning.interval,
    repeat_interval: PACE.warning.repeat,
    routes: [route('critical'), route('warning'), route('info')],
  },
  inhibit_rules: [
    // Who is woken for hours needs no ticket about a day, a low balance or a late top-up.
    inhibit(
      'AimlapiRunwayCritical',
      ['AimlapiRunwayShort', 'AimlapiBalanceLow', 'AimlapiAutoTopUpOverdue'],
      ACCOUNT,
    ),
    inhibit('AimlapiRunwayShort', ['AimlapiBalanceLow'], ACCOUNT),
    // Who is woken because all calls fail needs no ticket about some of them.
    inhibit('AimlapiOutOfCredits', ['AimlapiCallsRefused'], ['job', ...ACCOUNT]),
    inhibit('AimlapiKeyRejected', ['AimlapiCallsRefused'], ['job', ...ACCOUNT]),
    // The whole covers its parts.
    inhibit('AimlapiServiceAbsent', ['AimlapiTargetDown'], ['job']),
    // A poll that fails is why the balance is old.
    inhibit('AimlapiAccountPollFailing', ['AimlapiBalanceStale'], ACCOUNT),
  ],
  // Without a webhook: kept in Alertmanager and on the dashboards, told to nobody.
  receivers: [receiver('critical'), receiver('warning'), { name: 'info' }],
}
