import { basename } from 'node:path'

/** Names of their scripts: `npm`, `npm-cli.js`, `pnpm.cjs`, `yarn-4.5.0.cjs`. */
const SCRIPT = /^(?:npm|npx|pnpm|pnpx|yarn|yarnpkg|corepack)(?:-cli)?(?:-\d[\w.]*)?(?:\.[cm]?js)?$/

/**
 * Whether a process that runs `script` is a package manager. NODE_OPTIONS reaches it before the application that it
 * starts, and it would take the port of `/metrics`.
 */
export function isPackageManager(script: string | undefined): boolean {
  return script !== undefined && SCRIPT.test(basename(script))
}
