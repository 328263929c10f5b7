/** What a program saw, as one line of JSON on its standard output when the process ends. */
const { existsSync, readFileSync, writeSync } = require('node:fs')
const { dirname, join } = require('node:path')

const report = { result: undefined, unhandled: [], packages: {} }

const nameOf = (error) => (error instanceof Error ? `${error.name}: ${error.message}` : String(error))

process.on('unhandledRejection', (reason) => report.unhandled.push(`unhandledRejection ${nameOf(reason)}`))
process.on('uncaughtException', (error) => report.unhandled.push(`uncaughtException ${nameOf(error)}`))
process.on('exit', () => writeSync(1, `${JSON.stringify(report)}\n`))

/** Notes which copy of a package this program finds, so that nothing comes from elsewhere unnoticed. */
function notePackage(specifier) {
  // Of a path inside a package, the package.
  const name = specifier.split('/', specifier.startsWith('@') ? 2 : 1).join('/')
  for (let folder = __dirname; ; folder = dirname(folder)) {
    const directory = join(folder, 'node_modules', name)
    if (existsSync(join(directory, 'package.json'))) {
      const { version } = JSON.parse(readFileSync(join(directory, 'package.json'), 'utf8'))
      report.packages[name] = { directory, version }
      return
    }
    if (folder === dirname(folder)) throw new Error(`${name} is not installed`)
  }
}

module.exports = { report, notePackage, nameOf }
