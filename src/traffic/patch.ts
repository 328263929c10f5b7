/**
 * How methods of objects that are not ours are overridden: by `patch`, by `overrideMethods` where they are called very
 * often, by `createSharedOverrides` in many short-lived objects of one class. The last is not undone: all get the same
 * functions, which is cheaper than closures of their own, and stop by themselves (`release` in `guard.ts`).
 *
 * A new property is not enumerable: nothing that lists or copies the object finds it. No prototype is inserted: on
 * Node 20 and 22 the engine then makes a hidden class for each response of `node:http`, which costs 20 µs a call.
 *
 * An inherited original is looked up at every call: what others override on the prototype later is called as well.
 */

/** Any function that is called as a method. */
export type Method = (this: unknown, ...args: never[]) => unknown

/** What is called instead of a method. Returns what it gets by `Reflect.apply(original, self, args)`. */
export type Around = (original: Method, self: unknown, args: IArguments) => unknown

/**
 * Overrides the method `key` of `owner`, whether it is the owner's own or inherited.
 *
 * The returned undo restores what was there, and never throws. If somebody has overridden the method since, theirs
 * stays; it may call ours, which then only passes on.
 *
 * @throws TypeError if `owner` is frozen or its property fixed. Nothing has been changed then.
 */
export function patch(owner: object, key: PropertyKey, around: Around): () => void {
  const own = Object.getOwnPropertyDescriptor(owner, key)
  // An object that has the original under the same key: it is read there, also when it is a getter.
  const below = own && Object.create(owner, { [key]: own })
  let active = true
  const undo = replace(owner, key, function (this: unknown) {
    // A channel gets another prototype when somebody subscribes.
    const original: Method = Reflect.get(below ?? Object.getPrototypeOf(owner), key, this)
    return active ? around(original, this, arguments) : Reflect.apply(original, this, arguments)
  })
  return () => {
    active = false
    undo()
  }
}

/** Puts a method where another one is. The returned undo puts back what was there, if ours is still there. */
function replace(owner: object, key: PropertyKey, value: Method): () => void {
  const previous = Object.getOwnPropertyDescriptor(owner, key)
  const { configurable = true, enumerable = false } = previous ?? {}
  Object.defineProperty(owner, key, { value, configurable, enumerable, writable: true })
  return () => {
    if (Object.getOwnPropertyDescriptor(owner, key)?.value !== value) return
    if (previous === undefined) Reflect.deleteProperty(owner, key)
    else Reflect.defineProperty(owner, key, previous)
  }
}

/** Creates the replacement of one method. It looks up the original at each call: the property of `below`. */
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
  const share = (prototype: Target) =>
    entriesOf(select(prototype))
      .filter(([name]) => typeof prototype[name] === 'function')
      .map(([name, override]) => {
        const property = { value: override(prototype), configurable: true, writable: true }
        return { name, override, property }
      })
  const sharedOf = new WeakMap<object, ReturnType<typeof share>>()

  return (target) => {
    const prototype: Target = Object.getPrototypeOf(target)
    let shared = sharedOf.get(prototype)
    if (shared === undefined) sharedOf.set(prototype, (shared = share(prototype)))
    for (const { name, override, property } of shared) {
      // Somebody has overridden it on this object already: ours has to call theirs.
      if (Object.hasOwn(target, name)) overrideOne(target, name, override)
      else Object.defineProperty(target, name, property)
    }
  }
}

/**
 * Overrides methods of one object, whether they are its own or inherited. A call costs a fraction of one with `patch`:
 * the engine compiles each replacement as one piece, as it has its arguments and `below` at hand.
 *
 * The undo is as that of `patch`, but a replacement that is still called has to stop by itself.
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
  const own = Object.getOwnPropertyDescriptor(target, name)
  const below: Target = own ? Object.create(target, { [name]: own }) : Object.getPrototypeOf(target)
  return replace(target, name, override(below))
}

function entriesOf<Target>(overrides: Overrides<Target>) {
  return Object.entries(overrides) as [keyof Target & string, Override<Target>][]
}
