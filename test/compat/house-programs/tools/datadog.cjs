/** dd-trace: started by `--require dd-trace/init`, or here. `user` is a tag of the span that is active. */
module.exports = {
  start: () => require('dd-trace').init(),
  tag: (user) => require('dd-trace').scope().active()?.setTag('cell.user', user),
  readTag: () => require('dd-trace').scope().active()?.context()._tags['cell.user'],
}
