/** What fired in which world, as it should or not. */
import { alerts } from '../alerts/index.ts'
import type { PlayedAlerts } from './alerts.ts'

const pages = new Set(alerts.filter(({ severity }) => severity === 'critical').map(({ name }) => name))

/** What is wrong with a played world, one sentence each; nothing when all is well. */
export function faultsOf({ world, fired, early }: PlayedAlerts): string[] {
  const must = Object.entries(world.fires ?? {})
  const may = new Set([...must.map(([name]) => name), ...(world.mayFire ?? [])])
  return [
    ...must
      .filter(([name, minutes]) => !((fired[name] ?? Number.NaN) <= minutes))
      .map(
        ([name, minutes]) => `${name} must fire within ${minutes} minutes, and ${fired[name] ?? 'never'} did`,
      ),
    ...Object.keys(fired)
      .filter((name) => !may.has(name))
      .map((name) => `${name} fires`),
    ...early.filter((name) => pages.has(name)).map((name) => `${name} fires before anything happened`),
  ]
}

/** Markdown. */
export function alertTable(played: readonly PlayedAlerts[]): string {
  const minutes = (fired: PlayedAlerts['fired'], page: boolean) =>
    Object.entries(fired)
      .filter(([name]) => pages.has(name) === page)
      .map(([name, after]) => `${name.replace('Aimlapi', '')} after ${after} min`)
      .join(', ') || '–'
  return [
    '| World | Pages | Tickets |',
    '|---|---|---|',
    ...played.map(({ world, fired }) =>
      world.eventHour === undefined
        ? `| ${world.name} | ${names(fired, true)} | ${names(fired, false)} |`
        : `| ${world.name} | ${minutes(fired, true)} | ${minutes(fired, false)} |`,
    ),
  ].join('\n')
}

function names(fired: PlayedAlerts['fired'], page: boolean): string {
  const list = Object.keys(fired).filter((name) => pages.has(name) === page)
  return list.length === 0 ? 'none' : list.map((name) => name.replace('Aimlapi', '')).join(', ')
}
