/**
 * Few stretches of the log that cover the starts of calls, since the row of a job may have the date of its start:
 * `reachMs` before and after each, oldest first; those that overlap are one, up to `maxSpanMs`. `startMs`: server time.
 */
export function findStartWindows<Item>(
  items: Iterable<Item>,
  startMs: (item: Item) => number,
  reachMs: number,
  maxSpanMs: number,
) {
  const windows: { startMs: number; endMs: number; items: Item[] }[] = []
  for (const item of [...items].sort((a, b) => startMs(a) - startMs(b))) {
    const atMs = startMs(item)
    const last = windows.at(-1)
    const endMs = atMs + reachMs
    if (last !== undefined && atMs - reachMs <= last.endMs && endMs - last.startMs <= maxSpanMs) {
      last.endMs = endMs
      last.items.push(item)
    } else {
      windows.push({ startMs: atMs - reachMs, endMs, items: [item] })
    }
  }
  return windows
}
