/** A Prometheus that holds the written past, and scrapes an exporter that agrees with it. */
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

import { pacedRules } from '../servers/paced-rules.ts'
import { type Prometheus, startPrometheus } from '../servers/prometheus.ts'
import { SLOT_S, type Slot, type Zone, afternoonZone, slots as bookedSlots } from './books.ts'
import { exporterText } from './exporter-text.ts'
import { loadHistory, writtenPast } from './history.ts'

export interface WrittenPrometheus {
  readonly prometheus: Prometheus
  /** The books that the past was written from. */
  readonly slots: readonly Slot[]
  readonly zone: Zone
  stop(): Promise<void>
}

/**
 * @param nowS The past ends at the last full four minutes before it.
 * @param goesOn Whether the account is charged from then on, too; else it stays by the books.
 */
export async function startWrittenPrometheus(
  nowS: number,
  ruleSeconds: number,
  goesOn = false,
): Promise<WrittenPrometheus> {
  const zone = afternoonZone(nowS)
  const slots = bookedSlots(Math.floor(nowS / SLOT_S) * SLOT_S, zone)
  const exporter = createServer((_, response) =>
    response.end(exporterText(slots, Date.now() / 1000, zone, goesOn)),
  )
  await new Promise<void>((resolve) => exporter.listen(0, '127.0.0.1', resolve))
  const { port } = exporter.address() as AddressInfo
  const prometheus = await startPrometheus({
    targets: [{ job: 'aimlapi-exporter', address: `127.0.0.1:${port}` }],
    rules: pacedRules(ruleSeconds),
    blocks: (folder) => loadHistory(writtenPast(slots, zone), folder),
  })
  return {
    prometheus,
    slots,
    zone,
    async stop() {
      await prometheus.stop()
      exporter.closeAllConnections()
      exporter.close()
    },
  }
}
