import { type Server, createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'

import { artefacts } from '../../docker/mixin/artefacts.ts'
import { ALERTMANAGER, startAlertmanager } from '../../docker/mixin/servers/alertmanager.ts'
import { type DemoLoad, startDemoLoad } from '../../docker/mixin/servers/demo-load.ts'
import { newerPrograms } from '../../docker/mixin/servers/newer-programs.ts'
import { pacedRules } from '../../docker/mixin/servers/paced-rules.ts'
import { type Prometheus, startPrometheus } from '../../docker/mixin/servers/prometheus.ts'
import { type ServerProcess, isInstalled } from '../../docker/mixin/servers/server-process.ts'

interface Notification {
  readonly receiver: string
  readonly status: 'firing' | 'resolved'
  readonly groupLabels: Readonly<Record<string, string>>
  readonly alerts: ReadonlyArray<{
    readonly labels: Readonly<Record<string, string>>
    readonly annotations: Readonly<Record<string, string>>
  }>
}

/** Of Debian 12, and what `scripts/servers/fetch.sh` fetches. */
const GENERATIONS = [
  { name: 'Prometheus 2.42 and Alertmanager 0.25', prometheus: 'prometheus', alertmanager: ALERTMANAGER },
  {
    name: 'Prometheus 3 and Alertmanager 0.33',
    prometheus: newerPrograms('prometheus') ?? 'none',
    alertmanager: newerPrograms('prometheus-alertmanager') ?? 'none',
  },
].map((one) => ({ ...one, here: isInstalled(one.prometheus) && isInstalled(one.alertmanager) }))
for (const { name, here } of GENERATIONS)
  if (!here) console.warn(`${name} are not installed: they deliver no alert`)

let webhook: Server
let alertmanager: ServerProcess
const notifications: Notification[] = []

beforeAll(async () => {
  webhook = createServer((request, response) => {
    let body = ''
    request.on('data', (chunk: Buffer) => (body += chunk.toString()))
    request.on('end', () => {
      notifications.push(JSON.parse(body) as Notification)
      response.end()
    })
  })
  await new Promise<void>((resolve) => webhook.listen(0, '127.0.0.1', resolve))
})
afterAll(() => void webhook.close())

async function eventually<T>(look: () => T | undefined, what: string): Promise<T> {
  const deadline = Date.now() + 45_000
  while (Date.now() < deadline) {
    const found = look()
    if (found !== undefined) return found
    await new Promise((resolve) => setTimeout(resolve, 200))
  }
  throw new Error(`${what} did not happen; so far: ${JSON.stringify(notifications)}`)
}

const notified = (alertname: string, status: Notification['status']) =>
  notifications.find((one) => one.groupLabels['alertname'] === alertname && one.status === status)

describe.each(GENERATIONS.filter(({ here }) => here))('$name:', (commands) => {
  /** The shipped configuration, told at once and to the webhook here. */
  beforeEach(async () => {
    const { port } = webhook.address() as AddressInfo
    const shipped = artefacts().get('alertmanager/alertmanager.yml') ?? ''
    alertmanager = await startAlertmanager(
      shipped
        .replaceAll('http://alert-log:9095/alerts', `http://127.0.0.1:${port}/`)
        .replaceAll(/(group_wait|group_interval): \w+/g, '$1: 1s'),
      commands.alertmanager,
    )
  })
  afterEach(async () => {
    await alertmanager?.stop()
    notifications.length = 0
  })

  describe('a low balance', () => {
    let load: DemoLoad
    let prometheus: Prometheus

    beforeEach(async () => {
      load = await startDemoLoad({ balanceUsd: 3, autoTopUp: false, idle: true })
      prometheus = await startPrometheus({
        command: commands.prometheus,
        targets: [{ job: 'shop', address: load.address }],
        rules: pacedRules(1, true),
        alertmanager: new URL(alertmanager.url).host,
      })
    })
    afterEach(async () => {
      await prometheus?.stop()
      await load?.stop()
    })

    test('of the simulated account reaches a webhook, and so does its end', async () => {
      const { alerts, groupLabels, receiver } = await eventually(
        () => notified('AimlapiBalanceLow', 'firing'),
        'the notification',
      )
      expect(groupLabels).toEqual({ alertname: 'AimlapiBalanceLow', aimlapi_account: 'default' })
      expect(receiver).toBe('warning')
      expect(alerts).toHaveLength(1)
      expect(alerts[0]?.labels).toMatchObject({ severity: 'warning', aimlapi_account: 'default' })
      expect(alerts[0]?.annotations['description']).toBe(
        'Account default has $3.00 left, which is below its threshold.',
      )
      expect(alerts[0]?.annotations['runbook_url']).toMatch(/runbook\.md#aimlapibalancelow$/)

      load.simulator.accounts.get('default').topUp(40_000_000)
      await eventually(() => notified('AimlapiBalanceLow', 'resolved'), 'the end')
    }, 90_000)
  })

  describe('a critical alert', () => {
    const alert = (alertname: string, severity: string, account = 'prod') => ({
      labels: { alertname, severity, aimlapi_account: account, job: 'shop' },
    })

    test('silences the lesser ones of the same account, and of no other', async () => {
      await fetch(`${alertmanager.url}/api/v2/alerts`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify([
          alert('AimlapiRunwayCritical', 'critical'),
          alert('AimlapiRunwayShort', 'warning'),
          alert('AimlapiBalanceLow', 'warning'),
          alert('AimlapiBalanceLow', 'warning', 'staging'),
          alert('AimlapiOutOfCredits', 'critical'),
          alert('AimlapiCallsRefused', 'warning'),
          alert('AimlapiLabelOverflow', 'info'),
        ]),
      })
      await eventually(() => (notifications.length >= 3 ? true : undefined), 'three notifications')
      // Longer than the time after which the others would have come.
      await new Promise((resolve) => setTimeout(resolve, 2500))
      const told = notifications.map(({ groupLabels }) => groupLabels)
      expect(told).toHaveLength(3)
      expect(told).toContainEqual({ alertname: 'AimlapiRunwayCritical', aimlapi_account: 'prod' })
      expect(told).toContainEqual({ alertname: 'AimlapiOutOfCredits', aimlapi_account: 'prod' })
      expect(told).toContainEqual({ alertname: 'AimlapiBalanceLow', aimlapi_account: 'staging' })
    }, 60_000)
  })
})
