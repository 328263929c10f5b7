/** The service with NestJS: the decorators are applied by hand, as the compiler of TypeScript does. */
require('reflect-metadata')
const { Controller, Get, Headers, Module, Param } = require('@nestjs/common')
const { NestFactory } = require('@nestjs/core')
const { OpenAI } = require('openai')
const { announce, createHandler } = require('./serve.cjs')

const handle = createHandler({}, OpenAI)

class Answers {
  answer(parameters, headers) {
    return handle(parameters, headers)
  }
}
Param()(Answers.prototype, 'answer', 0)
Headers()(Answers.prototype, 'answer', 1)
Get(':work/:user')(Answers.prototype, 'answer', Object.getOwnPropertyDescriptor(Answers.prototype, 'answer'))
Controller()(Answers)

class Application {}
Module({ controllers: [Answers] })(Application)

async function main() {
  if (process.env.CELL_START === 'application' && process.env.CELL_US === 'true')
    require('opentelemetry-instrumentation-aimlapi').register()
  const app = await NestFactory.create(Application, { logger: false })
  await app.listen(0, '127.0.0.1')
  announce(app.getHttpServer(), {})
}

main()
