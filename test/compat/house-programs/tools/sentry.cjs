/** Sentry, set up as its documentation says. */
const Sentry = require('@sentry/node')

module.exports = {
  start() {
    const dsn = `${process.env.CELL_INTAKE.replace('//', '//key@')}/1`
    Sentry.init({ dsn, tracesSampleRate: 1 })
  },
  prepare: (app) => Sentry.setupExpressErrorHandler(app),
  tag: (user) => Sentry.setTag('user', user),
  readTag: () => Sentry.getIsolationScope().getScopeData().tags.user,
  report: (message) => Sentry.captureMessage(message),
  flush: () => Sentry.flush(5000),
}
