/** The selectors of a PromQL expression, found by a small scanner: enough for expressions that promtool has parsed. */
export interface Selector {
  readonly metric: string
  /** Label → the matcher as written: `=~"$job"`. */
  readonly matchers: ReadonlyMap<string, string>
  /** The range in brackets, if any. */
  readonly range: string | undefined
  /** The functions and aggregations around it, innermost first. */
  readonly inside: readonly string[]
}

const KEYWORDS = new Set(
  'by without on ignoring group_left group_right offset bool and or unless inf nan'.split(' '),
)
const LABEL_LISTS = /\b(by|without|on|ignoring|group_left|group_right)\s*\([^)]*\)/g
const TOKEN =
  /"(?:[^"\\]|\\.)*"|\$\w+|\d[\w.:]*|([a-zA-Z_:][a-zA-Z0-9_:]*)(\s*\{[^}]*\})?(\s*\[[^\]]*\])?(?:(\s*)(\())?|(\{[^}]*\})(\s*\[[^\]]*\])?|[()]/g

export function selectorsOf(expression: string): Selector[] {
  const text = expression.replace(LABEL_LISTS, ' ')
  const found: Selector[] = []
  const open: string[] = []
  for (const match of text.matchAll(TOKEN)) {
    const [token, name, braces, range, , call, bare, bareRange] = match
    if (token === '(') open.push('')
    else if (token === ')') open.pop()
    else if (call !== undefined) open.push(name ?? '')
    else if (bare !== undefined) found.push(selector('', bare, bareRange, open))
    else if (name !== undefined && !KEYWORDS.has(name.toLowerCase())) {
      found.push(selector(name, braces ?? '', range, open))
    }
  }
  return found
}

function selector(
  name: string,
  braces: string,
  range: string | undefined,
  open: readonly string[],
): Selector {
  const matchers = new Map(
    [...braces.matchAll(/([a-zA-Z_]\w*)\s*(=~|!~|!=|=)\s*("(?:[^"\\]|\\.)*")/g)].map(
      ([, label = '', operator = '', value = '']) => [label, operator + value],
    ),
  )
  return {
    metric: name,
    matchers,
    range: range?.trim().slice(1, -1),
    inside: open.filter((call) => call !== '').toReversed(),
  }
}
