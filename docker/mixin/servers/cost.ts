/**
 * `npm run rules:cost [-- --series 96000 --minutes 5 --hours 6 --labelSets 100 --prometheus PATH]`: what one evaluation
 * of all groups takes on one core where 30 replicas give so many series, all of which grow all the time, with so many
 * hours of history (`--minutes 0` leaves it out). Then how long each panel takes over thirty days of totals with so many
 * label sets (`--labelSets 0` leaves it out). Takes a quarter of an hour. Times are those of the clock: the machine must
 * be quiet. CPU is that of the server.
 */
import { parseArgs } from 'node:util'

import { evaluationCost } from './evaluation-cost.ts'
import { panelTimes } from './panel-cost.ts'

const { values } = parseArgs({
  options: {
    series: { type: 'string', default: '96000' },
    minutes: { type: 'string', default: '5' },
    hours: { type: 'string', default: '6' },
    labelSets: { type: 'string', default: '100' },
    prometheus: { type: 'string' },
  },
})
const inSeconds = (seconds: number) => `${seconds.toFixed(3)} s`
// Prometheus inherits it.
process.env['GOMAXPROCS'] = '1'

if (Number(values.minutes) > 0) {
  console.log(`${values.series} series, ${values.hours} hours of history, ${values.minutes} minutes`)
  const cost = await evaluationCost({
    series: Number(values.series),
    minutes: Number(values.minutes),
    hours: Number(values.hours),
    ...(values.prometheus !== undefined && { command: values.prometheus }),
  })
  for (const { name, seconds } of cost.groups) console.log(`${name.padEnd(26)} ${inSeconds(seconds)}`)
  console.log(`mean of the last minutes, all groups: ${inSeconds(cost.evaluationSeconds)}`)
  console.log(`CPU of the same: ${inSeconds(cost.cpuSeconds)}`)
  console.log(`evaluations missed: ${cost.missed}`)
}
if (Number(values.labelSets) > 0) {
  const { series, panels } = await panelTimes(Number(values.labelSets), values.prometheus)
  console.log(`${panels.length} panels over 30 days of ${series} recorded series, the slowest:`)
  for (const { dashboard, panel, seconds } of panels.slice(0, 8))
    console.log(`${inSeconds(seconds).padStart(9)}  ${dashboard}: ${panel}`)
}
