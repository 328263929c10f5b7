/** OpenLIT sends its spans itself: to a receiver in here, as OTLP in JSON. */
const { createServer } = require('node:http')
const { createKeeper, setupOf } = require('./in-memory.cjs')

const valueOf = ({ intValue, doubleValue, stringValue }) => intValue ?? doubleValue ?? stringValue
const attributesOf = ({ attributes = [] }) =>
  Object.fromEntries(attributes.map(({ key, value }) => [key, valueOf(value)]))

async function receive(keeper) {
  const server = createServer((request, response) => {
    let text = ''
    request.setEncoding('utf8').on('data', (chunk) => (text += chunk))
    request.on('end', () => {
      const { resourceSpans = [] } = request.url.endsWith('/v1/traces') ? JSON.parse(text) : {}
      const spans = resourceSpans.flatMap(({ scopeSpans }) => scopeSpans.flatMap((scope) => scope.spans))
      keeper.exporter.export(
        spans.map((span) => ({ attributes: attributesOf(span) })),
        () => {},
      )
      response.writeHead(200, { 'content-type': 'application/json' }).end('{}')
    })
  })
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve))
  return `http://127.0.0.1:${server.address().port}`
}

exports.start = async () => {
  const loaded = require('openlit')
  const openlit = loaded.default ?? loaded
  const keeper = createKeeper()
  openlit.init({
    applicationName: 'peers',
    environment: 'test',
    disableBatch: true,
    otlpEndpoint: await receive(keeper),
    pricingJson: {},
  })
  return setupOf(keeper)
}
