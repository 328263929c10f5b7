import { context, propagation, ROOT_CONTEXT, trace, type Context, type Span } from '@opentelemetry/api'
import { afterEach, describe, expect, it } from 'vitest'
import { createTagReader } from '../../../src/calls/tag-reader.ts'
import { withSpendTags } from '../../../src/calls/tags.ts'
import { drive } from './drive.ts'
import { recordSpans } from '../telemetry/recording.ts'

const SOURCES = { baggage: ['tenant', 'team'], span: ['gen_ai.agent.name', 'team', 'turn'] }

function withBaggage(entries: Record<string, string>, parent: Context = ROOT_CONTEXT): Context {
  const list = Object.entries(entries).map(([name, value]) => [name, { value }] as const)
  return propagation.setBaggage(parent, propagation.createBaggage(Object.fromEntries(list)))
}

function withSpan(attributes: object, parent: Context = ROOT_CONTEXT): Context {
  const span = recordSpans().tracer.startSpan('work', { attributes: { ...attributes } })
  return trace.setSpan(parent, span)
}

afterEach(() => context.disable())

describe('spend tags', () => {
  it('are taken from baggage and from the span around the call, by name', () => {
    const caller = withSpan(
      { 'gen_ai.agent.name': 'planner', secret: 'x' },
      withBaggage({ tenant: 'acme', other: 'x' }),
    )
    expect(createTagReader(SOURCES)(caller)).toEqual({ tenant: 'acme', 'gen_ai.agent.name': 'planner' })
  })

  it('of a span win over those of baggage, and those of withSpendTags over both', () => {
    const caller = withSpan({ team: 'span', turn: 3 }, withBaggage({ team: 'baggage', tenant: 'baggage' }))
    const read = createTagReader(SOURCES)
    expect(read(caller)).toEqual({ team: 'span', tenant: 'baggage', turn: '3' })
    withSpendTags({ team: 'code' }, () => expect(read(caller).team).toBe('code'))
  })

  it('are those of the caller for calls and for realtime sessions', async () => {
    const caller = withSpan({ 'gen_ai.agent.name': 'planner' }, withBaggage({ tenant: 'acme' }))
    const driver = drive({ tagsFrom: SOURCES })
    driver.sink.caller = () => caller
    await driver.exchange('POST', '/v1/chat/completions', { model: 'm' }, { body: {} })
    const head = { method: 'GET', origin: 'https://api.aimlapi.com', header: () => undefined }
    withSpendTags({ team: 'code' }, () => {
      const session = driver.observer.beginSession({ ...head, path: '/v1/realtime?model=m' })
      session?.answered(101, () => undefined)
      session?.end({ closeCode: 1000 })
    })
    const tags = { tenant: 'acme', 'gen_ai.agent.name': 'planner' }
    expect(driver.records.map((record) => record.tags)).toEqual([tags, { ...tags, team: 'code' }])
  })

  it('keep the limits of a tag', () => {
    const tenant = createTagReader(SOURCES)(withBaggage({ tenant: 'x'.repeat(1000) })).tenant
    expect(tenant).toHaveLength(256)
  })

  it.each([{ team: ['a', 'b'] }, { team: '' }, {}])('are not made of %j', (attributes) => {
    expect(createTagReader(SOURCES)(withSpan(attributes))).toEqual({})
  })

  it('are none when no names are configured, or none is present', () => {
    const caller = withBaggage({ tenant: 'acme' })
    expect(createTagReader({ baggage: [], span: [] })(caller)).toEqual({})
    expect(createTagReader(SOURCES)(ROOT_CONTEXT)).toEqual({})
  })

  it('come through a span that shows no attributes, or throws', () => {
    const baggage = withBaggage({ tenant: 'acme' })
    const broken = {
      get attributes(): never {
        throw new Error('no')
      },
    }
    for (const span of [{}, { attributes: 7 }, broken]) {
      const caller = trace.setSpan(baggage, span as unknown as Span)
      expect(createTagReader(SOURCES)(caller)).toEqual({ tenant: 'acme' })
    }
  })
})
