/** The application's work in a worker thread. The main thread makes no calls. */
import { Worker, isMainThread, parentPort } from 'node:worker_threads'
import { nameOf, report } from './report.cjs'

if (isMainThread) {
  const worker = new Worker(new URL(import.meta.url))
  worker.on('message', (message) => Object.assign(report, message))
  worker.on('error', (error) => report.unhandled.push(`worker ${nameOf(error)}`))
  worker.on('exit', (code) => {
    if (code !== 0) report.unhandled.push(`the worker exited with ${code}`)
  })
} else {
  // What the main thread prints is the report; the worker's own copy of it must not be printed as well.
  process.removeAllListeners('exit')
  await import('./app.mjs')
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread, not a window
  parentPort.postMessage(report)
}
