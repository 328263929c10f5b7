/** The service as ECMAScript modules: what a loader hook sees. */
import { createRequire } from 'node:module'

const tool = createRequire(import.meta.url)(`./tools/${process.env.CELL_TOOL}.cjs`)
if (process.env.CELL_START === 'application') tool.start()

const { default: express } = await import('express')
const { OpenAI } = await import('openai')
const { default: serve } = await import('./serve.cjs')
serve.serveWithExpress(tool, express, OpenAI)
