import { readFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'

import { artefacts } from '../../../docker/mixin/artefacts.ts'

const docker = fileURLToPath(new URL('../../../docker', import.meta.url))
const files = artefacts()

test.each([...files])('%s is what the mixin generates', (path, text) => {
  expect(readFileSync(join(docker, path), 'utf8')).toBe(text)
})

test.each(['prometheus/rules', 'prometheus/tests', 'grafana/dashboards'])(
  '%s holds nothing else',
  (folder) => {
    const generated = [...files.keys()].filter((path) => path.startsWith(`${folder}/`))
    expect(readdirSync(join(docker, folder)).map((name) => `${folder}/${name}`)).toEqual(generated.toSorted())
  },
)
