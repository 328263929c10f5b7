/** newrelic. `user` is a custom attribute of the transaction that is active. */
const agent = () => require('newrelic')

module.exports = {
  start: () => void agent(),
  tag: (user) => agent().addCustomAttribute('user', user),
  readTag: () => agent().getTraceMetadata().traceId?.length ?? null,
}
