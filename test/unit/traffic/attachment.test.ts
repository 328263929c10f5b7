import { inspect } from 'node:util'
import { expect, test } from 'vitest'
import { createAttachment } from '../../../src/traffic/attachment.ts'

test('an attached value is found at its object, and at no other', () => {
  const attachment = createAttachment<string>()
  const object = { own: 1 }
  attachment.attach(object, 'value')
  expect(attachment.find(object)).toBe('value')
  expect(attachment.find({ own: 1 })).toBeUndefined()
  expect(attachment.find(Object.create(object))).toBeUndefined()
})

test('attached values of several kinds do not meet', () => {
  const [first, second] = [createAttachment<number>(), createAttachment<null>()]
  const object = {}
  first.attach(object, 1)
  expect(second.find(object)).toBeUndefined()
  second.attach(object, null)
  expect([first.find(object), second.find(object)]).toEqual([1, null])
})

test('an attached value is invisible to everybody else', () => {
  const object = { own: 1 }
  createAttachment<string>().attach(object, 'value')
  expect(Reflect.ownKeys(object)).toEqual(['own'])
  expect(inspect(object, { showHidden: true })).not.toContain('value')
  expect(structuredClone(object)).toEqual({ own: 1 })
})

test('a second value for one object is refused, and the first stays', () => {
  const attachment = createAttachment<string>()
  const object = {}
  attachment.attach(object, 'first')
  expect(() => attachment.attach(object, 'second')).toThrow(TypeError)
  expect(attachment.find(object)).toBe('first')
})
