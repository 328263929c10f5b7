/** The service with Fastify. */
const tool = require(`./tools/${process.env.CELL_TOOL}.cjs`)
if (process.env.CELL_START === 'application') tool.start()

const Fastify = require('fastify')
const { OpenAI } = require('openai')
const { announce, createHandler } = require('./serve.cjs')

async function main() {
  const handle = createHandler(tool, OpenAI)
  const app = Fastify()
  app.get('/:work/:user', (request) => handle(request.params, request.headers))
  await app.listen({ port: 0, host: '127.0.0.1' })
  announce(app.server, tool)
}

main()
