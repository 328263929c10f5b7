/** A dashboard as one SVG: the grid of Grafana, a card per panel. */
import type { Dashboard, Panel } from '../dashboards/panel.ts'
import { drawRanking, drawTimeseries } from './graph.ts'
import type { Series } from './panel-data.ts'
import { CARD, COLORS, FONT, INK, LINE, MUTED, PAPER, THRESHOLD_COLORS, textWidth } from './style.ts'
import { formatValue } from './units.ts'

const COLUMN = 52
const UNIT = 34
const GAP = 8
const MARGIN = 14
const HEADER = 58
const TITLE = 28
const WIDTH = 24 * COLUMN + 2 * MARGIN

interface Box {
  readonly x: number
  readonly y: number
  readonly width: number
  readonly height: number
}

function escapeXml(words: string): string {
  return words.replace(/[<>&"]/g, (character) => `&#${character.charCodeAt(0)};`)
}

interface TextStyle {
  readonly size: number
  readonly color?: string
  readonly weight?: number
  readonly anchor?: 'start' | 'middle' | 'end'
}

function text(
  x: number,
  y: number,
  content: string,
  { size, color = INK, weight = 400, anchor = 'start' }: TextStyle,
): string {
  return `<text x="${x}" y="${y}" font-family="${FONT}" font-size="${size}" font-weight="${weight}" fill="${color}" text-anchor="${anchor}">${escapeXml(content)}</text>`
}

function colorOf({ thresholds }: Panel, value: number): string {
  const step = (thresholds ?? []).findLast(({ from }) => from === undefined || value >= from)
  return THRESHOLD_COLORS[step?.color ?? 'text']
}

/** The largest size at which the words fit. */
function fitting(words: string, width: number, largest: number): number {
  return Math.min(largest, width / textWidth(words, 1))
}

function drawStat(panel: Panel, data: readonly Series[], box: Box): string {
  const middle = box.x + box.width / 2
  const values = data.slice(0, 3)
  if (values.length > 2) return drawStatLines(panel, values, box)
  return values
    .map(({ points, name }, index) => {
      const value = points.at(-1)?.[1] ?? Number.NaN
      const words = formatValue(value, panel.unit, panel.decimals)
      const y = box.y + ((index + 0.62) * box.height) / values.length
      const size = fitting(words, box.width - 36, 34 / values.length + 6)
      const label =
        values.length > 1 ? text(middle, y + 16, name, { size: 10, color: MUTED, anchor: 'middle' }) : ''
      return (
        text(middle, y, words, { size, weight: 600, color: colorOf(panel, value), anchor: 'middle' }) + label
      )
    })
    .join('')
}

/** A line for each of several values. */
function drawStatLines(panel: Panel, values: readonly Series[], box: Box): string {
  return values
    .map(({ points, name }, index) => {
      const value = points.at(-1)?.[1] ?? Number.NaN
      const y = box.y + ((index + 0.65) * box.height) / values.length
      const x = box.x + box.width * 0.42
      return (
        text(x, y, formatValue(value, panel.unit, panel.decimals), {
          size: 20,
          weight: 600,
          color: colorOf(panel, value),
          anchor: 'end',
        }) + text(x + 10, y, name, { size: fitting(name, box.width * 0.52, 11), color: MUTED })
      )
    })
    .join('')
}

function drawTable(panel: Panel, data: readonly Series[], box: Box): string {
  const { rows } = panel
  if (!rows) return ''
  const key = ({ labels }: Series) => labels[rows.label] ?? ''
  const cells = new Map<string, number[]>()
  for (const series of data) {
    const row = cells.get(key(series)) ?? []
    row[series.query] = series.points[0]?.[1] ?? Number.NaN
    cells.set(key(series), row)
  }
  const lineHeight = 20
  const sorted = [...cells].sort(([, a], [, b]) => (b[0] ?? 0) - (a[0] ?? 0))
  const room = Math.floor(box.height / lineHeight) - 1
  const right = (column: number) => box.x + box.width * (0.34 + ((column + 1) * 0.645) / rows.columns.length)
  const line = (y: number, name: string, words: readonly string[], style: TextStyle) =>
    text(box.x + 12, y, name, style) +
    words.map((word, column) => text(right(column), y, word, { ...style, anchor: 'end' })).join('')
  const header = line(
    box.y + 12,
    rows.name,
    rows.columns.map(({ name }) => name),
    { size: 11, color: MUTED, weight: 600 },
  )
  const body = sorted.slice(0, room).map(([name, values], index) => {
    const words = rows.columns.map(({ unit, decimals }, column) => {
      const value = values[column]
      return value === undefined ? '' : formatValue(value, unit, decimals)
    })
    return line(box.y + 12 + (index + 1) * lineHeight, name || '(none)', words, { size: 11 })
  })
  return header + body.join('')
}

function nested(svg: string, { x, y }: Box): string {
  return svg.replace('<svg ', `<svg x="${x}" y="${y}" `)
}

const LEGEND_LINE = 17
const LEGEND_SIZE = 11
/** Of the words "+ 12" at the end of the second line. */
const MORE_WIDTH = 40

/** As many entries as two lines hold, and how many more there are. */
function drawLegend(series: readonly Series[], box: Box): string {
  const parts: string[] = []
  let x = 0
  let line = 0
  for (const [index, { name }] of series.entries()) {
    const width = textWidth(name, LEGEND_SIZE) + 30
    const isLast = index === series.length - 1
    const room = box.width - 24 - (line === 1 && !isLast ? MORE_WIDTH : 0)
    if (x > 0 && x + width > room) {
      if (line === 1) {
        parts.push(entry(box, x, line, `+ ${series.length - index}`))
        break
      }
      x = 0
      line++
    }
    parts.push(entry(box, x, line, name, COLORS[index % COLORS.length]))
    x += width
  }
  return parts.join('')
}

function entry(box: Box, x: number, line: number, name: string, color?: string): string {
  const left = box.x + 12 + x
  const y = box.y + box.height - 6 - (1 - line) * LEGEND_LINE
  const mark = color ? `<rect x="${left}" y="${y - 6}" width="12" height="4" rx="2" fill="${color}"/>` : ''
  return mark + text(left + (color ? 17 : 0), y, name, { size: LEGEND_SIZE, color: color ? INK : MUTED })
}

function drawGraph(panel: Panel, data: readonly Series[], box: Box, moments: readonly number[]): string {
  const size = ({ points }: Series) => points.reduce((sum, [, value]) => sum + (value || 0), 0)
  const series = data.toSorted((a, b) => a.query - b.query || size(b) - size(a))
  const height = box.height - 2 * LEGEND_LINE - 4
  return (
    nested(drawTimeseries({ panel, series, width: box.width, height }, moments), box) +
    drawLegend(series, box)
  )
}

/** Where the columns of a table begin, as shares of the width. */
const TEXT_COLUMNS = [0, 0.2, 0.7]

/** Markdown: a table as columns, anything else as it is written. */
function drawLines(markdown: string, box: Box): string {
  return markdown
    .split('\n')
    .filter((words) => words !== '' && !words.startsWith('|---'))
    .map((words, index) => {
      const cells = words.startsWith('|') ? words.split(/(?<!\\)\|/).slice(1, -1) : [words]
      return cells
        .map((cell, column) => {
          const x = box.x + 12 + (TEXT_COLUMNS[column] ?? 0) * (box.width - 24)
          const plain = cell.replaceAll(/`|\\(?=\|)/g, '').trim()
          return text(x, box.y + 14 + index * 22, plain, index === 0 ? HEAD : { size: 11 })
        })
        .join('')
    })
    .join('')
}

const HEAD: TextStyle = { size: 11, color: MUTED, weight: 600 }

/** One panel's data, on the axis of all. */
interface Content {
  readonly series: readonly Series[]
  readonly moments: readonly number[]
}

function drawContent(panel: Panel, { series, moments }: Content, box: Box): string {
  if (panel.kind === 'text') return drawLines(panel.markdown ?? '', box)
  if (series.length === 0) {
    const words = panel.noValue ?? 'No data'
    return text(box.x + box.width / 2, box.y + box.height / 2, words, {
      size: 15,
      color: MUTED,
      anchor: 'middle',
    })
  }
  if (panel.kind === 'stat') return drawStat(panel, series, box)
  if (panel.kind === 'table') return drawTable(panel, series, box)
  if (panel.kind === 'timeseries') return drawGraph(panel, series, box, moments)
  return nested(drawRanking({ panel, series, width: box.width, height: box.height }), box)
}

function drawPanel(panel: Panel, content: Content, box: Box): string {
  const inside = { ...box, y: box.y + TITLE, height: box.height - TITLE - 4 }
  return (
    `<rect x="${box.x}" y="${box.y}" width="${box.width}" height="${box.height}" rx="4" fill="${CARD}" stroke="${LINE}"/>` +
    text(box.x + 12, box.y + 19, panel.title, {
      size: fitting(panel.title, box.width - 20, 13),
      weight: 600,
    }) +
    drawContent(panel, content, inside)
  )
}

function momentsOf(series: readonly Series[]): number[] {
  return [...new Set(series.flatMap(({ points }) => points.map(([time]) => time)))].sort((a, b) => a - b)
}

/** @param subtitle What was run, and for how long. */
export function drawDashboard(
  dashboard: Dashboard,
  data: ReadonlyMap<Panel, readonly Series[]>,
  subtitle: string,
): string {
  const lines = [...data]
    .filter(([{ kind, timeFrom }]) => kind === 'timeseries' && timeFrom === undefined)
    .flatMap(([, series]) => series)
  const moments = momentsOf(lines)
  const parts: string[] = []
  let y = HEADER
  for (const row of dashboard.rows) {
    parts.push(text(MARGIN + 4, y + 20, row.title, { size: 14, weight: 600, color: MUTED }))
    y += 30
    let column = 0
    let tallest = 0
    for (const panel of row.panels) {
      if (column + panel.width > 24) {
        y += tallest * UNIT
        column = 0
        tallest = 0
      }
      const box = {
        x: MARGIN + column * COLUMN + GAP / 2,
        y: y + GAP / 2,
        width: panel.width * COLUMN - GAP,
        height: panel.height * UNIT - GAP,
      }
      const series = data.get(panel) ?? []
      const own = panel.timeFrom === undefined ? moments : momentsOf(series)
      parts.push(drawPanel(panel, { series, moments: own }, box))
      column += panel.width
      tallest = Math.max(tallest, panel.height)
    }
    y += tallest * UNIT
  }
  const height = y + MARGIN
  const header =
    text(MARGIN + 4, 30, dashboard.title, { size: 20, weight: 600 }) +
    text(MARGIN + 4, 50, subtitle, { size: 12, color: MUTED })
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}" height="${height}" viewBox="0 0 ${WIDTH} ${height}"><rect width="100%" height="100%" fill="${PAPER}"/>${header}${parts.join('')}</svg>\n`
}
