/** Sentry, set up as its documentation says. */
const Sentry = require('@sentry/node')

module.exports = {
  start: () => Sentry.init({ dsn: process.env.CELL_SENTRY_DSN, tracesSampleRate: 1 }),
  prepare: (app) => Sentry.setupExpressErrorHandler(app),
  tag: (user) => Sentry.setTag('user', user),
  readTag: () => Sentry.getIsolationScope().getScopeData().tags.user,
  report: (message) => Sentry.captureMessage(message),
  flush: () => Sentry.flush(5000),
}
