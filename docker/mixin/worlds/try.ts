import { total, counted, countedStarts, WATCHING_SINCE, watchingSince, countedValue, COUNTED_START, type Counting } from '../counting.ts'
import { play, type World } from './world.ts'
import { askPromtool } from './promtool.ts'
import { worlds } from './worlds.ts'
const credits: Counting = { counter: 'aimlapi_credits_used_total', total: 'aimlapi_call:credits_used:total', memory: '6h', drop: ['set'] }
const group = { name: 'g', intervalSeconds: 60, rules: [
  { record: credits.total, expr: total(credits) },
  { record: countedValue(credits.counter), expr: counted(credits) },
  { record: COUNTED_START, expr: countedStarts() }, {record: WATCHING_SINCE, expr: watchingSince()} ] }
if (process.argv[2] === 'print') console.log(group.rules.map(r => `${r.record}\n${r.expr}\n`).join('\n'))
else for (const world of worlds.filter(w => !process.argv[2] || w.name.includes(process.argv[2]))) {
  const played = play(world)
  const out: string[] = []
  for (const tool of ['promtool', process.env.HOME + '/.cache/aimlapi-servers/root/usr/bin/promtool']) {
    const got = await askPromtool(tool, [group], played, [credits.total])
    out.push(got.map(g => ((g / played.spent - 1) * 100).toFixed(2)).join(' '))
  }
  console.log(world.name.padEnd(60), ((played.shown / played.spent - 1) * 100).toFixed(2).padStart(8), out.join('  |  '), Math.round(played.spent))
}
