/**
 * How methods of objects that are not ours are overridden, in three forms. `patch` overrides a method of a shared object
 * (a channel, a prototype) or of a single one, until it is undone. `overrideMethods` does it for methods of a single
 * object that are called very often. `createSharedOverrides` is for many short-lived objects of one class: all get the
 * same functions, which is cheaper than closures of their own. It is not undone, because the objects are short-lived.
 * (The observer stops by itself: see `release` in `guard.ts`.)
 *
 * A new property is not enumerable: nothing that lists or copies the object finds it. No prototype is inserted: on
 * Node 20 and 22 the engine then makes a hidden class for each response of `node:http`, and all code that handles it
 * becomes slower (by 20 µs a call).
 *
 * An inherited original is looked up at every call, on the prototype that has it: what others override there later, or
 * Node replaces, is called as well.
 */

/** Any function that is called as a method. */
export type Method = (this: unknown, ...args: never[]) => unknown

/**
 * What is called instead of a method. It passes the call on by `Reflect.apply(original, self, args)`, and returns the
 * result.
 */
export type Around = (original: Method, self: unknown, args: IArguments) => unknown

/**
 * Overrides the method `key` of `owner`, whether it is the owner's own or inherited. A new property is not enumerable;
 * one that was there stays as enumerable as it was.
 *
 * The returned undo restores what was there. If somebody has overridden the method since, theirs stays. Theirs may call
 * ours, which then only passes on. It may be called again, and never throws.
 *
 * @throws TypeError if `owner` is frozen or its property fixed. Nothing has been changed then.
 */
export function patch(owner: object, key: PropertyKey, around: Around): () => void {
  const previous = Object.getOwnPropertyDescriptor(owner, key)
  let active = true

  const findOriginal = (self: unknown): Method => {
    if (previous === undefined) return Reflect.get(Object.getPrototypeOf(owner), key, self)
    return previous.get === undefined ? previous.value : Reflect.apply(previous.get, self, [])
  }
  const installed: Method = function (this: unknown) {
    const original = findOriginal(this)
    return active ? around(original, this, arguments) : Reflect.apply(original, this, arguments)
  }
  Object.defineProperty(owner, key, {
    value: installed,
    configurable: previous?.configurable ?? true,
    enumerable: previous?.enumerable ?? false,
    writable: true,
  })

  return () => {
    active = false
    restore(owner, key, installed, previous)
  }
}

/** Puts back what was there, if ours is still there. */
function restore(
  owner: object,
  key: PropertyKey,
  installed: Method,
  previous: PropertyDescriptor | undefined,
): void {
  if (Object.getOwnPropertyDescriptor(owner, key)?.value !== installed) return
  if (previous === undefined) Reflect.deleteProperty(owner, key)
  else Reflect.defineProperty(owner, key, previous)
}

/**
 * Creates the replacement of one method. The original is the property of `below` with the same name, to be looked up at
 * each call.
 */
export type Override<Target> = (below: Target) => Method

/** Replacements by the names of the methods. Names that a class does not have are left out for it. */
export type Overrides<Target> = Readonly<Partial<Record<keyof Target & string, Override<Target>>>>

/**
 * Overrides methods of many objects, which may be of several classes, by functions that the objects of a class share.
 *
 * @param select what to override in objects with this prototype. Asked once for each prototype.
 * @returns the function that overrides them for one object. To be called once for an object.
 * @throws TypeError (the returned function) if the object is frozen.
 */
export function createSharedOverrides<Target extends object>(
  select: (prototype: Target) => Overrides<Target>,
): (target: Target) => void {
  const sharedOf = new WeakMap<object, readonly Shared<Target>[]>()

  return (target) => {
    const prototype: Target = Object.getPrototypeOf(target)
    let shared = sharedOf.get(prototype)
    if (shared === undefined) {
      shared = createShared(prototype, select(prototype))
      sharedOf.set(prototype, shared)
    }
    for (const { name, override, property } of shared) {
      // Somebody has overridden it on this object already: ours has to call theirs.
      if (Object.hasOwn(target, name)) overrideOne(target, name, override)
      else Object.defineProperty(target, name, property)
    }
  }
}

interface Shared<Target> {
  readonly name: keyof Target & string
  readonly override: Override<Target>
  readonly property: PropertyDescriptor
}

function createShared<Target extends object>(
  prototype: Target,
  overrides: Overrides<Target>,
): Shared<Target>[] {
  return entriesOf(overrides)
    .filter(([name]) => typeof prototype[name] === 'function')
    .map(([name, override]) => ({ name, override, property: createProperty(override(prototype), false) }))
}

/**
 * Overrides methods of one object, whether they are its own or inherited. Each call costs a fraction of what it costs
 * with `patch`, because the engine can compile it as one piece: each replacement is a function of its own, which has its
 * arguments and `below` at hand.
 *
 * The returned undo restores what was there, as that of `patch` does. A replacement that is still called afterwards has
 * to notice by itself that it is only to pass on.
 *
 * @throws TypeError if the object is frozen.
 */
export function overrideMethods<Target extends object>(
  target: Target,
  overrides: Overrides<Target>,
): () => void {
  const undo = entriesOf(overrides).map(([name, override]) => overrideOne(target, name, override))
  return () => {
    for (const step of undo) step()
  }
}

function overrideOne<Target extends object>(
  target: Target,
  name: keyof Target & string,
  override: Override<Target>,
): () => void {
  const previous = Object.getOwnPropertyDescriptor(target, name)
  /** The object with the method as it is now, whatever replaces it. */
  const below: Target =
    previous === undefined ? Object.getPrototypeOf(target) : Object.create(target, { [name]: previous })
  const installed = override(below)
  Object.defineProperty(target, name, createProperty(installed, previous?.enumerable === true))
  return () => restore(target, name, installed, previous)
}

function createProperty(value: Method, enumerable: boolean): PropertyDescriptor {
  return { value, configurable: true, enumerable, writable: true }
}

function entriesOf<Target>(
  overrides: Overrides<Target>,
): readonly [name: keyof Target & string, override: Override<Target>][] {
  return Object.entries(overrides) as [keyof Target & string, Override<Target>][]
}
