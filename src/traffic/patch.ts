/**
 * The one way to override a method of an object that is not ours, and to undo it.
 *
 * Three forms. `patch` overrides a method of a shared object (a channel, a prototype) or of a single one, until it is
 * undone. `overrideMethods` does it for methods of a single object that are called very often. `createOverlay` overrides
 * methods of many short-lived objects of one class: a prototype is inserted between each object and its class, created
 * once per class. That is cheaper than a closure per object, adds no visible property, and is not undone, because the
 * objects are short-lived. (The observer stops by itself: see `release` in `guard.ts`.)
 *
 * All look the original up at every call, on the object that had it: what others override there later, or Node
 * replaces, is called as well.
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
 * The returned undo restores what was there. If somebody has overridden the method since, theirs stays, and ours, which
 * theirs may call, only passes on. It may be called again, and never throws.
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
 * Overrides methods of single objects, which may be of several classes.
 *
 * @param select what to override in objects with this prototype. Asked once for each prototype.
 * @returns the function that overrides them for one object. To be called once for an object.
 * @throws TypeError (the returned function) if the object is frozen.
 */
export function createOverlay<Target extends object>(
  select: (prototype: Target) => Overrides<Target>,
): (target: Target) => void {
  const layers = new WeakMap<object, Layer<Target>>()

  return (target) => {
    const prototype: Target = Object.getPrototypeOf(target)
    let layer = layers.get(prototype)
    if (layer === undefined) {
      layer = createLayer(prototype, select(prototype))
      layers.set(prototype, layer)
    }
    for (const replaced of layer.replaced) {
      // Somebody has overridden it on this object already; an inserted prototype would never be called.
      if (target[replaced.name] !== prototype[replaced.name]) overrideOwn(target, replaced)
    }
    Object.setPrototypeOf(target, layer.prototype)
  }
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
  const prototype: Target = Object.getPrototypeOf(target)
  const undo: (() => void)[] = []
  for (const [name, override] of Object.entries(overrides) as [keyof Target & string, Override<Target>][]) {
    const previous = Object.getOwnPropertyDescriptor(target, name)
    const below = previous === undefined ? prototype : createBelow(target, name, previous)
    const installed = override(below)
    define(target, name, installed, previous?.enumerable === true)
    undo.push(() => restore(target, name, installed, previous))
  }
  return () => {
    for (const step of undo) step()
  }
}

interface Layer<Target> {
  readonly prototype: object
  readonly replaced: readonly Replaced<Target>[]
}

interface Replaced<Target> {
  readonly name: keyof Target & string
  readonly override: Override<Target>
}

function createLayer<Target extends object>(prototype: Target, overrides: Overrides<Target>): Layer<Target> {
  const layer: object = Object.create(prototype)
  const replaced: Replaced<Target>[] = []
  for (const [name, override] of Object.entries(overrides) as [keyof Target & string, Override<Target>][]) {
    if (typeof prototype[name] !== 'function') continue
    replaced.push({ name, override })
    define(layer, name, override(prototype), false)
  }
  return { prototype: layer, replaced }
}

function overrideOwn<Target extends object>(target: Target, { name, override }: Replaced<Target>): void {
  const own = Object.getOwnPropertyDescriptor(target, name)
  if (typeof own?.value !== 'function') return
  define(target, name, override(createBelow(target, name, own)), own.enumerable === true)
}

/** The object with the method as it is now, whatever replaces it. */
function createBelow<Target extends object>(target: Target, name: string, own: PropertyDescriptor): Target {
  return Object.create(target, { [name]: own })
}

function define(owner: object, name: string, value: Method, enumerable: boolean): void {
  Object.defineProperty(owner, name, { value, configurable: true, enumerable, writable: true })
}
