import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'

import { findDeadRunbooks, readPage } from '../../../scripts/releases/runbook.ts'

const docker = join(import.meta.dirname, '../../../docker')
const rules = readFileSync(join(docker, 'prometheus/rules/aimlapi-alerts.yml'), 'utf8')
const folder = mkdtempSync(join(tmpdir(), 'aimlapi-runbook-'))
const server = createServer((request, response) => {
  if (request.url === '/runbook') response.end(readFileSync(join(docker, 'runbook.md')))
  else if (request.url === '/empty') response.end('nothing')
  else response.writeHead(404).end()
})

beforeAll(() => new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve)))
afterAll(() => {
  server.close()
  rmSync(folder, { recursive: true })
})

/** The shipped rules with another address, as docs/dashboards-and-alerts.md says how to set it. */
function rulesWith(path: string): string {
  const { port } = server.address() as AddressInfo
  const file = join(folder, 'rules.yml')
  writeFileSync(
    file,
    rules.replaceAll(/https:\/\/github.com\/[^#]*runbook.md/g, `http://127.0.0.1:${port}${path}`),
  )
  return file
}

test('every alert of the shipped rules has its page in the runbook, wherever that is put', async () => {
  expect(await findDeadRunbooks(rulesWith('/runbook'), readPage)).toEqual([])
})

test('an address that leads nowhere, or to another page, is reported for every alert', async () => {
  const alerts = rules.match(/alert: /g)?.length
  const gone = await findDeadRunbooks(rulesWith('/gone'), readPage)
  expect(gone).toHaveLength(alerts ?? 0)
  expect(gone[0]).toMatch(/^Aimlapi\w+: http.*\/gone cannot be read$/)
  const empty = await findDeadRunbooks(rulesWith('/empty'), readPage)
  expect(empty[0]).toMatch(/says nothing of it$/)
  expect(empty).toHaveLength(alerts ?? 0)
})

test('an address where nobody answers is reported', async () => {
  expect(await readPage('http://127.0.0.1:1/runbook')).toBeUndefined()
})
