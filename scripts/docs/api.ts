/** docs/api.md: the API reference, from the docstrings of what the package exports. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Application, type DeclarationReflection, ReflectionKind, type ProjectReflection } from 'typedoc'

/** Throws where an export is undocumented or a link leads nowhere: `typedoc.json` makes errors of warnings. */
export async function formatApiReference(): Promise<string> {
  const directory = mkdtempSync(join(tmpdir(), 'aimlapi-api-'))
  try {
    const options = fileURLToPath(new URL('../../typedoc.json', import.meta.url))
    const application = await Application.bootstrapWithPlugins({ options, out: directory, logLevel: 'Warn' })
    const project = await application.convert()
    if (project === undefined) throw new Error('The API reference could not be made: see the lines above')
    application.validate(project)
    if (application.logger.hasErrors() || application.logger.hasWarnings())
      throw new Error('The API reference is not complete: see the lines above')
    leaveOutInherited(project)
    await application.generateOutputs(project)
    const text = readFileSync(join(directory, 'README.md'), 'utf8')
    const [title = '', ...rest] = text.split('\n')
    const head = ['Written by `npm run docs` from the docstrings.', '', formatContents(text)]
    return [title, '', ...head, ...rest].join('\n')
  } finally {
    rmSync(directory, { recursive: true, force: true })
  }
}

/** What an interface has from another one of this page is described there. */
function leaveOutInherited(project: ProjectReflection): void {
  for (const reflection of project.getReflectionsByKind(ReflectionKind.Interface)) {
    const { groups = [] } = reflection as DeclarationReflection
    for (const group of groups)
      group.children = group.children.filter(
        (child) => (child as DeclarationReflection).inheritedFrom === undefined,
      )
  }
}

function formatContents(text: string): string {
  const names = [...text.matchAll(/^## (.+)$/gm)].map(([, name = '']) => name)
  return names.map((name) => `[${name}](#${name.toLowerCase().replace(/[^\w-]/g, '')})`).join(' · ')
}
