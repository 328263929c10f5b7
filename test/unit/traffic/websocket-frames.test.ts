import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Deflate } from '../../../src/traffic/websocket-deflate.ts'
import { FrameReader } from '../../../src/traffic/websocket-frames.ts'
import { Messages } from '../../../src/traffic/websocket-messages.ts'
import {
  BINARY,
  CLOSE,
  closePayload,
  CONTINUATION,
  createDeflater,
  cut,
  frame,
  KeptMessages,
  PING,
  PONG,
  TEXT,
} from './websocket-support.ts'

interface Read {
  readonly kept: KeptMessages
  readonly closes: number[]
}

function read(chunks: readonly Buffer[], kept = new KeptMessages(), deflate?: Deflate): Read {
  const closes: number[] = []
  const messages = new Messages(kept, deflate, (code) => closes.push(code))
  const reader = new FrameReader(messages, deflate !== undefined)
  for (const chunk of chunks) {
    const before = chunk.toString('latin1')
    reader.read(chunk)
    if (chunk.toString('latin1') !== before) throw new Error("the application's bytes have been changed")
  }
  return { kept, closes }
}

const payloads = fc.oneof(
  { weight: 6, arbitrary: fc.uint8Array({ maxLength: 600 }) },
  {
    weight: 1,
    arbitrary: fc
      .integer({ min: 60_000, max: 70_000 })
      .map((size) => Buffer.alloc(size, 'abc') as Uint8Array),
  },
)
const masks = fc.option(fc.array(fc.integer({ min: 0, max: 255 }), { minLength: 4, maxLength: 4 }), {
  nil: undefined,
})
const controls = fc.record({
  opcode: fc.constantFrom(PING, PONG),
  payload: fc.uint8Array({ maxLength: 125 }),
  at: fc.nat(5),
})
const messages = fc.record({
  opcode: fc.constantFrom(TEXT, BINARY),
  payload: payloads,
  fragments: fc.array(fc.nat(70_000), { maxLength: 4 }),
  controls: fc.array(controls, { maxLength: 3 }),
  mask: masks,
  isCompressed: fc.boolean(),
})
type Message = typeof messages extends fc.Arbitrary<infer Value> ? Value : never

function encode(sent: readonly Message[], deflate?: (message: Buffer) => Buffer): Buffer {
  const frames = sent.flatMap(({ opcode, payload, fragments, controls: between, mask, isCompressed }) => {
    const compresses = deflate !== undefined && isCompressed
    const body = compresses ? deflate(Buffer.from(payload)) : Buffer.from(payload)
    const masked = mask === undefined ? {} : { mask }
    const parts = cut(body, fragments)
    const out = parts.map((part, index) =>
      frame(index === 0 ? opcode : CONTINUATION, part, {
        isFinal: index === parts.length - 1,
        isCompressed: compresses && index === 0,
        ...masked,
      }),
    )
    for (const control of between)
      out.splice(
        control.at % (out.length + 1),
        0,
        frame(control.opcode, Buffer.from(control.payload), masked),
      )
    return out
  })
  return Buffer.concat(frames)
}

const splits = fc.array(fc.nat(200_000), { maxLength: 40 })
/** Compared a hundred times faster than buffers are. */
const texts = (buffers: readonly Buffer[]): string[] => buffers.map((bytes) => bytes.toString('latin1'))
const bytesOf = (sent: readonly Message[]): Buffer[] => sent.map(({ payload }) => Buffer.from(payload))

describe('the messages of one direction', () => {
  test('are what was sent, in any fragments, with control frames between, in any split', () => {
    fc.assert(
      fc.property(fc.array(messages, { maxLength: 6 }), splits, (sent, places) => {
        const { kept } = read(cut(encode(sent), places))
        expect(texts(kept.messages)).toEqual(texts(bytesOf(sent)))
      }),
    )
  })

  test('are what was sent, byte by byte', () => {
    const sent = ['{"type":"a"}', '', 'x'.repeat(300)].map((text) => Buffer.from(text))
    const wire = Buffer.concat(
      sent.flatMap((payload) => [frame(PING, Buffer.from('p')), frame(TEXT, payload)]),
    )
    const { kept } = read([...wire].map((byte) => Buffer.from([byte])))
    expect(kept.messages).toEqual(sent)
  })

  test.each([true, false])('are what was sent when compressed, context takeover %s', (takesContextOver) => {
    fc.assert(
      fc.property(fc.array(messages, { maxLength: 6 }), splits, (sent, places) => {
        const wire = encode(sent, createDeflater(takesContextOver))
        const { kept } = read(cut(wire, places), new KeptMessages(), { takesContextOver })
        expect(texts(kept.messages)).toEqual(texts(bytesOf(sent)))
        expect(kept.lost).toEqual([])
      }),
    )
  })

  test.each([true, false])('are read only if wanted, context takeover %s', (takesContextOver) => {
    const isWanted = (prefix: Buffer): boolean => prefix.length > 0 && (prefix[0] as number) % 2 === 0
    fc.assert(
      fc.property(fc.array(messages, { maxLength: 6 }), splits, (sent, places) => {
        const wire = encode(sent, createDeflater(takesContextOver))
        const { kept } = read(cut(wire, places), new KeptMessages(isWanted), { takesContextOver })
        expect(texts(kept.messages)).toEqual(texts(bytesOf(sent).filter(isWanted)))
      }),
    )
  })

  test('are selected by their beginning, and skipped without being kept', () => {
    const audio = Buffer.alloc(3_000_000, 'A')
    const kept = new KeptMessages(() => false)
    read(cut(frame(TEXT, audio), [100, 200, 70_000, 1_000_000]), kept)
    expect(kept.prefixes).toEqual([audio.subarray(0, 256)])
    expect(kept.largestPart).toBe(0)
  })

  test('are unmasked only as far as they are wanted', () => {
    const unmasked: number[] = []
    const reader = new FrameReader(
      {
        begin: () => true,
        payload(_bytes, from, to) {
          unmasked.push(to - from)
          return unmasked.length < 2
        },
        end() {},
        close() {},
      },
      false,
    )
    const sound = frame(TEXT, Buffer.alloc(100_000, 'A'), { mask: [1, 2, 3, 4] })
    for (const chunk of cut(sound, [70_000])) reader.read(chunk)
    expect(unmasked).toEqual([512, 512])
  })

  test('are passed on in the parts in which they arrive', () => {
    const kept = new KeptMessages()
    read(cut(frame(TEXT, Buffer.alloc(1_000_000, 'A')), [64_000, 128_000, 500_000]), kept)
    expect(kept.messages[0]?.length).toBe(1_000_000)
    expect(kept.largestPart).toBe(500_000 + 10)
  })

  test('are skipped once nothing more is wanted', () => {
    const kept = new KeptMessages()
    kept.isDone = true
    const { closes } = read([frame(TEXT, Buffer.from('{}')), frame(CLOSE, closePayload(1000))], kept)
    expect(kept.prefixes).toEqual([])
    expect(closes).toEqual([1000])
  })
})

describe('a close frame', () => {
  test('reports its code, masked or not, in any split', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1000, max: 4999 }), masks, splits, (code, mask, places) => {
        const wire = frame(CLOSE, closePayload(code, 'canary reason'), mask === undefined ? {} : { mask })
        expect(read(cut(wire, places)).closes).toEqual([code])
      }),
    )
  })

  test('without a code is 1005', () => {
    expect(read([frame(CLOSE, Buffer.alloc(0))]).closes).toEqual([1005])
  })
})

describe('what is not the protocol', () => {
  test('never causes an exception, whatever it is', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 200 })), fc.boolean(), (chunks, takesContextOver) => {
        const bytes = chunks.map((chunk) => Buffer.from(chunk))
        expect(() => read(bytes, new KeptMessages(), { takesContextOver })).not.toThrow()
      }),
    )
  })

  const text = Buffer.from('hello')
  test.each<[string, Buffer]>([
    ['a reserved opcode', frame(3, text)],
    ['a reserved control opcode that is fragmented', frame(11, text, { isFinal: false })],
    ['a bit of an extension that was not agreed on', frame(TEXT, text, { isCompressed: true })],
    ['a continuation of nothing', frame(CONTINUATION, text)],
    [
      'a message inside of another',
      Buffer.concat([frame(TEXT, text, { isFinal: false }), frame(TEXT, text)]),
    ],
    ['a ping that is fragmented', frame(PING, text, { isFinal: false })],
    ['a ping that is too long', frame(PING, Buffer.alloc(126))],
    ['a length beyond every number', Buffer.from([0x81, 127, 255, 255, 255, 255, 255, 255, 255, 255])],
  ])('ends the reading: %s', (_name, bad) => {
    const { kept, closes } = read([
      frame(TEXT, text),
      Buffer.concat([bad, frame(TEXT, text)]),
      frame(CLOSE, closePayload(1000)),
    ])
    expect(kept.messages).toEqual([text])
    expect(closes).toEqual([])
  })

  test('in the compression loses one message, or all that follow where each builds on the last', () => {
    const bad = frame(TEXT, Buffer.from([0xff, 0xff, 0xff]), { isCompressed: true })
    const good = frame(TEXT, createDeflater(false)(text), { isCompressed: true })
    const alone = read([bad, good], new KeptMessages(), { takesContextOver: false }).kept
    expect([alone.lost, alone.messages]).toEqual([['undecodable'], [text]])
    const linked = read([bad, good], new KeptMessages(), { takesContextOver: true }).kept
    expect([linked.lost, linked.messages]).toEqual([['undecodable'], []])
  })

  test('is a message that decodes to more than the limit', () => {
    const bomb = createDeflater(false)(Buffer.alloc(64 * 1024 * 1024))
    const wire = frame(TEXT, bomb, { isCompressed: true })
    expect(read([wire], new KeptMessages(), { takesContextOver: true }).kept.lost).toEqual(['too_large'])
  })
})
