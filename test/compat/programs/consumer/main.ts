/** A service in CommonJS TypeScript, as Express and NestJS services are: every public name, used as documented. */
import {
  AimlapiInstrumentation,
  CREDITS_PER_USD,
  register,
  withSpendTags,
  type AimlapiInstrumentationConfig,
  type CallRecord,
  type RegisterOptions,
  type Registration,
} from 'opentelemetry-instrumentation-aimlapi'
import { NodeSDK } from '@opentelemetry/sdk-node'

const options: RegisterOptions = {
  apiKey: process.env['AIMLAPI_API_KEY'],
  baseUrls: process.env['AIMLAPI_BASE_URLS'],
  prometheus: { port: Number(process.env['CELL_PORT']) },
  balance: false,
  settlement: { intervalMs: 0 },
  metricTags: ['feature'],
  onCall(record: CallRecord) {
    const credits: number | undefined = record.usage?.credits
    seen.push(`${record.operation} ${record.requestModel} ${credits}`)
  },
}
const seen: string[] = []

// @ts-expect-error: an option that does not exist.
export const misspelled: RegisterOptions = { apikey: 'x' }

export const config: AimlapiInstrumentationConfig = { enabled: false, nestHttpSpans: false }
export const sdk = new NodeSDK({ instrumentations: [new AimlapiInstrumentation(config)] })
export const creditsPerUsd: number = CREDITS_PER_USD

class Answers {
  private readonly registration: Registration = register(options)

  async ask(question: string): Promise<unknown> {
    return withSpendTags({ feature: 'answers' }, async () => {
      const response = await fetch(`${process.env['CELL_ORIGIN']}/v1/chat/completions`, {
        method: 'POST',
        headers: { authorization: `Bearer ${process.env['CELL_KEY']}`, 'content-type': 'application/json' },
        body: JSON.stringify({ model: 'gpt-4o', messages: [{ role: 'user', content: question }] }),
      })
      return response.json()
    })
  }

  async close(): Promise<void> {
    await this.registration.forceFlush()
    await this.registration.shutdown()
  }
}

async function main(): Promise<void> {
  const answers = new Answers()
  const result = await answers.ask('canary-prompt: do the types agree?')
  await answers.close()
  console.log(JSON.stringify({ result, unhandled: [], packages: {} }))
}

void main()
