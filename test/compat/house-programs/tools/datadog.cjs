/** dd-trace: started by `--require dd-trace/init`, or here. `user` is a tag of the span that is active. */
module.exports = {
  start() {
    const tracer = require('dd-trace').init()
    // Prometheus comes every few seconds; its visits are nobody's.
    const { CELL_LEAVES_OUT } = process.env
    if (CELL_LEAVES_OUT !== undefined) tracer.use('http', { server: { blocklist: [CELL_LEAVES_OUT] } })
  },
  tag: (user) => require('dd-trace').scope().active()?.setTag('cell.user', user),
  readTag: () => require('dd-trace').scope().active()?.context()._tags['cell.user'],
}
