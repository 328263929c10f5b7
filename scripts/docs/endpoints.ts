/** The table of endpoints, from the one that requests are routed with. */
import { refineRoute, routeRequest } from '../../src/api/endpoints.ts'
import type { Route } from '../../src/api/families.ts'
import { FAMILIES } from '../../src/api/families.ts'
import { code, formatTable } from './table.ts'

const CHARGED: Readonly<Record<Route['billing'], string>> = {
  always: 'yes',
  if_inference: 'if the answer has an inference id',
  none: 'no',
}
/** A model of its family, to show the row that it leads to. */
const MODEL_3D = 'triposr'

interface Row {
  readonly endpoint: string
  readonly operation: string
  readonly charged: string
  readonly paths: string[]
}

export function formatEndpoints(): string {
  // Families that mostly cost nothing come last; the code searches them first.
  const families = [...FAMILIES].sort((a, b) => Number(a.billing === 'none') - Number(b.billing === 'none'))
  const rows = families.flatMap(({ paths }) => Object.keys(paths)).flatMap(describePath)
  rows.push({
    ...describeRoute(findRoute('POST', '/openai/deployments/x')),
    paths: ['`POST /openai/deployments/{model}`, followed by a path of this table: the family of that path'],
  })
  rows.push({ ...describeRoute(findRoute('POST', '/unknown')), paths: ['any other'] })
  return formatTable(
    ['`aimlapi.endpoint`', '`gen_ai.operation.name`', 'Method and path, under any version prefix', 'Charged'],
    mergeRows(rows).map(({ endpoint, operation, charged, paths }) => [
      code(endpoint),
      code(operation),
      paths.join('<br>'),
      charged,
    ]),
  )
}

function describePath(line: string): Row[] {
  const [method = '', path = ''] = line.split(' ')
  const route = findRoute(method === '*' ? 'PUT' : method, path.replace(/\{\w+\+?\}/g, 'x'))
  const shown = code(
    line
      .replace(/\{rest\+\}/, '…')
      .replace(/\+\}/g, '}')
      .replace(/^\*/, 'any method'),
  )
  const refined = refineRoute(route, MODEL_3D)
  return refined === route || line !== 'POST /images/generations'
    ? [{ ...describeRoute(route), paths: [shown] }]
    : [
        { ...describeRoute(route), paths: [shown] },
        { ...describeRoute(refined), paths: [`${shown} with a 3D model`] },
      ]
}

function describeRoute({ endpoint, operation, billing, phase }: Route): Omit<Row, 'paths'> {
  return { endpoint, operation, charged: phase === 'poll' ? 'once, with its create call' : CHARGED[billing] }
}

function findRoute(method: string, path: string): Route {
  const route = routeRequest(method, path)
  if (route === undefined) throw new Error(`${method} ${path} is in the table, but is no call`)
  return route
}

/** Paths that mean the same share a row; families stay in the order in which they come. */
function mergeRows(rows: readonly Row[]): Row[] {
  const merged = new Map<string, Row>()
  for (const row of rows) {
    const key = [row.endpoint, row.operation, row.charged].join()
    const known = merged.get(key)
    if (known === undefined) merged.set(key, { ...row, paths: [...row.paths] })
    else known.paths.push(...row.paths)
  }
  return [...merged.values()]
}
