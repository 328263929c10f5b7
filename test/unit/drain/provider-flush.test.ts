import { ProxyTracerProvider, type TracerProvider } from '@opentelemetry/api'
import { BasicTracerProvider } from '@opentelemetry/sdk-trace-base'
import { describe, expect, it, vi } from 'vitest'
import { createProviderFlush } from '../../../src/drain/provider-flush.ts'

const open = () => {
  const onFlush = vi.fn<() => void>()
  return { onFlush, notice: createProviderFlush(onFlush) }
}

describe('the flush of a provider', () => {
  it.each(['forceFlush', 'shutdown'] as const)(
    'comes before %s of the provider, which goes on',
    async (name) => {
      const { onFlush, notice } = open()
      const provider = new BasicTracerProvider()
      const flushed = vi.spyOn(BasicTracerProvider.prototype, name).mockImplementation(async () => {
        expect(onFlush).toHaveBeenCalledOnce()
      })
      expect(notice.followProvider(provider)).toBe('turn')
      await provider[name]()
      expect(flushed).toHaveBeenCalledOnce()
      expect(flushed.mock.contexts[0]).toBe(provider)
      flushed.mockRestore()
    },
  )

  it('is set up once for a provider', async () => {
    const { onFlush, notice } = open()
    const provider = new BasicTracerProvider()
    expect([notice.followProvider(provider), notice.followProvider(provider)]).toEqual(['turn', 'turn'])
    await provider.forceFlush()
    expect(onFlush).toHaveBeenCalledOnce()
  })

  it('uses the provider that is installed behind the proxy now, and restores the one before', async () => {
    const { onFlush, notice } = open()
    const proxy = new ProxyTracerProvider()
    const [first, second] = [new BasicTracerProvider(), new BasicTracerProvider()]
    proxy.setDelegate(first)
    notice.followProvider(proxy)
    proxy.setDelegate(second)
    expect(notice.followProvider(proxy)).toBe('turn')
    expect(Object.getOwnPropertyNames(first)).not.toContain('forceFlush')
    await first.forceFlush()
    expect(onFlush).not.toHaveBeenCalled()
    await second.forceFlush()
    expect(onFlush).toHaveBeenCalledOnce()
  })

  it('is not needed while nothing is installed', () => {
    expect(open().notice.followProvider(new ProxyTracerProvider())).toBe('batch')
  })

  it('cannot be noticed on a provider that is frozen or has no such methods', () => {
    const { notice } = open()
    const frozen = Object.freeze(new BasicTracerProvider())
    expect(notice.followProvider(frozen)).toBe('none')
    expect(Object.keys(frozen)).not.toContain('forceFlush')
    const bare = { getTracer: () => new ProxyTracerProvider().getTracer('bare') }
    expect(notice.followProvider(bare)).toBe('none')
    const half = { ...bare, forceFlush: () => Promise.resolve() }
    expect(notice.followProvider(half)).toBe('none')
  })

  it('leaves no property behind', async () => {
    const { onFlush, notice } = open()
    const provider = new BasicTracerProvider()
    const own = {
      getTracer: () => provider.getTracer('own'),
      forceFlush: async () => {},
      shutdown: async () => {},
    }
    const { forceFlush, shutdown } = own
    notice.followProvider(own)
    notice.followProvider(provider)
    notice.undo()
    expect(Object.getOwnPropertyNames(provider)).not.toContain('forceFlush')
    expect(Object.getOwnPropertyNames(provider)).not.toContain('shutdown')
    expect({ ...own }).toMatchObject({ forceFlush, shutdown })
    await provider.forceFlush()
    expect(onFlush).not.toHaveBeenCalled()
  })

  it('stays harmless where somebody has overridden it since', async () => {
    const { onFlush, notice } = open()
    const provider: TracerProvider & { forceFlush(): Promise<void>; shutdown(): Promise<void> } =
      new BasicTracerProvider()
    notice.followProvider(provider)
    const ours = provider.forceFlush
    const others = (): Promise<void> => Reflect.apply(ours, provider, [])
    provider.forceFlush = others
    notice.undo()
    expect(provider.forceFlush).toBe(others)
    await provider.forceFlush()
    expect(onFlush).not.toHaveBeenCalled()
  })
})
