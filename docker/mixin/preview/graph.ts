/** The plot of a time series panel and a ranking, drawn by echarts without a browser. Legends are drawn elsewhere. */
import * as echarts from 'echarts'

import type { Panel } from '../dashboards/panel.ts'
import type { Series } from './panel-data.ts'
import { COLORS, FONT, INK, LINE, MUTED, textWidth } from './style.ts'
import { formatValue } from './units.ts'

export interface Plot {
  readonly panel: Panel
  /** In the order of the colours. */
  readonly series: readonly Series[]
  readonly width: number
  readonly height: number
}

function render(option: echarts.EChartsOption, { width, height }: Plot): string {
  const chart = echarts.init(null, undefined, { renderer: 'svg', ssr: true, width, height })
  try {
    chart.setOption({ animation: false, textStyle: { fontFamily: FONT }, color: COLORS, ...option })
    // The shorthand is unknown to the renderer of the PNG, which would fall back to letters of its own.
    return chart
      .renderToSVGString()
      .replaceAll(/font: normal normal (\w+) ([^"]+)"/g, 'font-size:$1;font-family:$2"')
  } finally {
    // Without it the process never ends.
    chart.dispose()
  }
}

/** Seconds only where they say something. */
function clock(milliseconds: number): string {
  if (milliseconds % 86_400_000 === 0) return new Date(milliseconds).toISOString().slice(5, 10)
  return new Date(milliseconds).toISOString().slice(11, milliseconds % 60_000 === 0 ? 16 : 19)
}

function valueAxis({ min, max, unit, decimals }: Panel): echarts.YAXisComponentOption {
  return {
    type: 'value',
    ...(min !== undefined && { min }),
    ...(max !== undefined && { max, interval: max / 4 }),
    splitNumber: 4,
    ...(decimals === 0 && { minInterval: 1 }),
    splitLine: { lineStyle: { color: LINE } },
    axisLabel: { color: MUTED, fontSize: 10, formatter: (value: number) => formatValue(value, unit) },
  }
}

/** @param moments Of all panels, in seconds: they share one axis, and stacked lines need a value at each. */
export function drawTimeseries(plot: Plot, moments: readonly number[]): string {
  const { panel, series } = plot
  const style = panel.bars
    ? { type: 'bar' as const, barMaxWidth: 14, ...(panel.stacked && { stack: 'all' }) }
    : {
        type: 'line' as const,
        showSymbol: false,
        lineStyle: { width: 1.4 },
        ...(panel.stacked && { stack: 'all', areaStyle: { opacity: 0.3 } }),
      }
  return render(
    {
      grid: { left: 10, right: 16, top: 10, bottom: 4, containLabel: true },
      xAxis: {
        type: 'time',
        min: (moments[0] ?? 0) * 1000,
        max: (moments.at(-1) ?? 0) * 1000,
        axisLine: { lineStyle: { color: LINE } },
        axisLabel: {
          color: MUTED,
          fontSize: 10,
          hideOverlap: true,
          showMaxLabel: false,
          formatter: clock,
        },
        splitNumber: 5,
      },
      yAxis: valueAxis(panel),
      series: series.map(({ name, points }) => {
        const values = new Map(points)
        const gap = panel.stacked && !panel.bars ? 0 : null
        return { ...style, name, data: moments.map((time) => [time * 1000, values.get(time) ?? gap]) }
      }) as echarts.SeriesOption[],
    },
    plot,
  )
}

export function drawRanking(plot: Plot): string {
  const bars = plot.series
    .map(({ name, points }) => ({ name, value: points[0]?.[1] ?? 0 }))
    .sort((a, b) => a.value - b.value)
  const longest = Math.max(...bars.map(({ name }) => textWidth(name, 11)))
  return render(
    {
      grid: { left: longest + 22, right: 70, top: 4, bottom: 8 },
      xAxis: { type: 'value', show: false },
      yAxis: {
        type: 'category',
        data: bars.map(({ name }) => name),
        axisLine: { show: false },
        axisTick: { show: false },
        axisLabel: { color: INK, fontSize: 11 },
      },
      series: [
        {
          type: 'bar',
          barMaxWidth: 18,
          data: bars.map(({ value }) => value),
          label: {
            show: true,
            position: 'right',
            color: INK,
            fontSize: 11,
            formatter: ({ value }) => formatValue(Number(value), plot.panel.unit, plot.panel.decimals),
          },
        },
      ],
    },
    plot,
  )
}
