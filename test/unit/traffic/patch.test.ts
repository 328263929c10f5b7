import { inspect } from 'node:util'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  createSharedOverrides,
  overrideMethods,
  patch,
  type Around,
  type Method,
} from '../../../src/traffic/patch.ts'

class Base {
  greet(name: string): string {
    return `${this.mark}:${name}`
  }

  mark = 'base'
}
class Derived extends Base {}
interface Greeting {
  greet(name: string): string
}

/** Notes its turn, and passes on. */
const noting =
  (turns: string[], turn: string): Around =>
  (original, self, args) => {
    turns.push(turn)
    return Reflect.apply(original, self, args)
  }

const owners: [string, () => object][] = [
  ['an own data property', () => ({ greet: (name: string) => name })],
  ['an inherited method', () => new Derived()],
  [
    'a property that is neither enumerable nor writable',
    () => Object.defineProperty({}, 'greet', { value: (name: string) => name, configurable: true }),
  ],
  [
    'an accessor',
    () => ({
      get greet() {
        return (name: string) => name
      },
    }),
  ],
  ['a class', () => Derived.prototype],
]

describe('a patch', () => {
  test('runs around the original with its this, its arguments and its result', () => {
    const derived = new Derived()
    let seen: unknown[] = []
    patch(Derived.prototype, 'greet', (original, self, args) => {
      seen = [self, ...args]
      return `${String(Reflect.apply(original, self, args))}!`
    })
    expect(derived.greet('you')).toBe('base:you!')
    expect(seen).toEqual([derived, 'you'])
    delete (Derived.prototype as Partial<Derived>).greet
  })

  test.each(owners)('of %s is undone to the same descriptor, and as often as one likes', (_name, make) => {
    const owner = make() as Base
    const before = Object.getOwnPropertyDescriptor(owner, 'greet')
    const keys = Object.keys(owner)
    const greeting = owner.greet('you')
    const undo = patch(owner, 'greet', noting([], 'ours'))
    expect(Object.keys(owner)).toEqual(keys)
    expect(owner.greet('you')).toBe(greeting)
    for (let round = 0; round < 2; round++) {
      undo()
      expect(Object.getOwnPropertyDescriptor(owner, 'greet')).toEqual(before)
    }
  })

  test('of an inherited method calls the one that is inherited at the time', () => {
    const channel: { publish(): string } = Object.create({ publish: () => 'nobody listens' })
    const undo = patch(channel, 'publish', noting([], 'ours'))
    Object.setPrototypeOf(channel, { publish: () => 'somebody listens' })
    expect(channel.publish()).toBe('somebody listens')
    undo()
    expect(channel.publish()).toBe('somebody listens')
    expect(Object.hasOwn(channel, 'publish')).toBe(false)
  })

  test.each([
    ['a frozen object', Object.freeze(new Derived())],
    ['a fixed property', Object.defineProperty({}, 'greet', { value: () => 'as before' })],
  ])('of %s is refused and changes nothing', (_name, owner) => {
    const before = Object.getOwnPropertyDescriptors(owner)
    expect(() => patch(owner, 'greet', noting([], 'ours'))).toThrow(TypeError)
    expect(Object.getOwnPropertyDescriptors(owner)).toEqual(before)
  })

  test('is undone without a throw where the owner was frozen since', () => {
    const turns: string[] = []
    const owner = new Derived()
    const undo = patch(owner, 'greet', noting(turns, 'ours'))
    Object.freeze(owner)
    undo()
    expect(owner.greet('you')).toBe('base:you')
    expect(turns).toEqual([])
  })

  test('leaves what others patched on top, and only passes on beneath it', () => {
    const turns: string[] = []
    const owner = new Derived()
    const undo = patch(owner, 'greet', noting(turns, 'ours'))
    const inner = owner.greet
    const theirs = function (this: Derived, name: string): string {
      turns.push('theirs')
      return Reflect.apply(inner, this, [name])
    }
    owner.greet = theirs
    undo()
    expect(owner.greet).toBe(theirs)
    expect(owner.greet('you')).toBe('base:you')
    expect(turns).toEqual(['theirs'])
    // They leave, and put back what they found.
    owner.greet = inner
    undo()
    expect(Object.hasOwn(owner, 'greet')).toBe(false)
  })

  test('of several parties, undone in any order: who is left runs, outermost first, and the original once', () => {
    const order = fc
      .integer({ min: 1, max: 5 })
      .chain((count) => fc.shuffledSubarray([...Array(count).keys()], { minLength: count }))
    fc.assert(
      fc.property(order, fc.boolean(), (undoOrder, own) => {
        let calls = 0
        let turns: number[] = []
        const base = { run: () => ++calls }
        const owner: { run(): number } = own ? base : Object.create(base)
        const undo = undoOrder.map((_, party) =>
          patch(owner, 'run', (original, self, args) => {
            turns.push(party)
            return Reflect.apply(original, self, args)
          }),
        )
        const left = new Set(undoOrder.keys())
        for (const party of undoOrder) {
          undo[party]?.()
          left.delete(party)
          turns = []
          const before = calls
          expect(owner.run()).toBe(before + 1)
          expect(turns).toEqual([...left].toReversed())
        }
      }),
    )
  })
})

describe('methods of one object', () => {
  const override = (owner: Greeting, turns: string[]) =>
    overrideMethods(owner, {
      greet: (below): Method =>
        function (this: unknown) {
          turns.push('ours')
          return Reflect.apply(below.greet, this, arguments)
        },
    })

  test.each(owners)('are overridden, of %s, and undone to the same descriptor', (_name, make) => {
    const owner = make() as Base
    const before = Object.getOwnPropertyDescriptor(owner, 'greet')
    const keys = Object.keys(owner)
    const greeting = owner.greet('you')
    const turns: string[] = []
    const undo = override(owner, turns)
    expect(Object.keys(owner)).toEqual(keys)
    expect(owner.greet('you')).toBe(greeting)
    for (let round = 0; round < 2; round++) {
      undo()
      expect(Object.getOwnPropertyDescriptor(owner, 'greet')).toEqual(before)
    }
    expect(owner.greet('you')).toBe(greeting)
    expect(turns).toEqual(['ours'])
  })

  test('pass on to what is overridden in the class later', () => {
    const turns: string[] = []
    const owner = new Derived()
    override(owner, turns)
    const undo = patch(Base.prototype, 'greet', noting(turns, 'theirs'))
    expect(owner.greet('you')).toBe('base:you')
    undo()
    expect(turns).toEqual(['ours', 'theirs'])
  })

  test('stay overridden by others who came later, and those who came before are still called', () => {
    const turns: string[] = []
    const owner = new Derived()
    patch(owner, 'greet', noting(turns, 'earlier'))
    const undo = override(owner, turns)
    patch(owner, 'greet', noting(turns, 'later'))
    undo()
    expect(owner.greet('you')).toBe('base:you')
    expect(turns).toEqual(['later', 'ours', 'earlier'])
  })

  test('of a frozen object are refused', () => {
    expect(() => override(Object.freeze(new Derived()), [])).toThrow(TypeError)
  })
})

describe('shared overrides', () => {
  const createOverride = (turns: string[]) =>
    createSharedOverrides<Base>(() => ({
      greet: (below): Method =>
        function (this: unknown, ...args: unknown[]) {
          turns.push('ours')
          return Reflect.apply(below.greet, this, args)
        },
    }))

  test('override the method of one object, change nothing that is listed, and spare the others of its class', () => {
    const turns: string[] = []
    const observed = new Derived()
    const other = new Derived()
    const [keys, shown] = [Object.keys(observed), inspect(observed)]
    createOverride(turns)(observed)
    expect(observed.greet('you')).toBe('base:you')
    expect(turns).toEqual(['ours'])
    expect(Object.keys(observed)).toEqual(keys)
    expect(inspect(observed)).toBe(shown)
    expect({ ...observed }).toEqual({ ...other })
    expect(Object.getPrototypeOf(observed)).toBe(Derived.prototype)
    expect(other.greet('you')).toBe('base:you')
    expect(turns).toHaveLength(1)
    expect(Object.hasOwn(Derived.prototype, 'greet')).toBe(false)
  })

  test('give all objects of a class the same function', () => {
    const observe = createOverride([])
    const observed = [new Base(), new Base(), new Derived(), new Derived()]
    for (const object of observed) observe(object)
    expect(new Set(observed.map(({ greet }) => greet)).size).toBe(2)
  })

  test('run what is overridden in the class later', () => {
    const turns: string[] = []
    const observe = createOverride(turns)
    observe(new Derived())
    const undo = patch(Base.prototype, 'greet', noting(turns, 'theirs'))
    const observed = new Derived()
    observe(observed)
    expect(observed.greet('you')).toBe('base:you')
    undo()
    expect(turns).toEqual(['ours', 'theirs'])
  })

  test('run around a method that somebody overrode for that object before', () => {
    const turns: string[] = []
    const observed = new Derived()
    observed.greet = function (name) {
      turns.push('theirs')
      return Base.prototype.greet.call(this, name)
    }
    createOverride(turns)(observed)
    expect(observed.greet('you')).toBe('base:you')
    expect(turns).toEqual(['ours', 'theirs'])
  })

  test('leave out what a class does not have', () => {
    const bare = new (class Bare {})() as Base
    createOverride([])(bare)
    expect('greet' in bare).toBe(false)
  })
})
