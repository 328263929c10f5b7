/** `--import ./start-tool.mjs`: the tool before everything else, as its documentation says. */
import { createRequire } from 'node:module'

createRequire(import.meta.url)(`./tools/${process.env.CELL_TOOL}.cjs`).start()
