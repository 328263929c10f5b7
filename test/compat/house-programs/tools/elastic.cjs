/** elastic-apm-node. */
const agent = () => require('elastic-apm-node')

module.exports = {
  start: () => agent().start(),
  tag: (user) => agent().setLabel('user', user),
  report: (message) => agent().captureError(message),
  readTag: () => agent().currentTransaction?._labels?.user,
  flush: () => agent().flush(),
}
