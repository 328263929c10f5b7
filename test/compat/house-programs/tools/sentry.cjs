/** Sentry, set up as its documentation says. */
const Sentry = require('@sentry/node')

module.exports = {
  start() {
    const dsn = `${process.env.CELL_INTAKE.replace('//', '//key@')}/1`
    // Prometheus comes every few seconds; its visits are nobody's.
    const ignoreIncomingRequests = (url) => url === process.env.CELL_LEAVES_OUT
    const integrations = [Sentry.httpIntegration({ ignoreIncomingRequests })]
    Sentry.init({ dsn, tracesSampleRate: 1, integrations })
  },
  prepare: (app) => Sentry.setupExpressErrorHandler(app),
  tag: (user) => Sentry.setTag('user', user),
  readTag: () => Sentry.getIsolationScope().getScopeData().tags.user,
  report: (message) => Sentry.captureMessage(message),
  flush: () => Sentry.flush(5000),
}
