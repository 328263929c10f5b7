/** The attribute objects of the metrics: created once per label set and reused, so that a call allocates none. */
import type { Attributes } from '@opentelemetry/api'
import type { UsageIdentity } from '../ports.ts'
import type { CallIdentity } from '../types.ts'
import { BoundedCache, cleanModel, cleanText, cleanWord, LabelValues } from './cardinality.ts'
import { ATTRIBUTE as A, OVERFLOW_VALUE, PROVIDER, TAG_PREFIX } from './names.ts'

/** The conventions' value for an error that is none of the known ones. */
const OTHER_ERROR = '_OTHER'
const CACHED_LABEL_SETS = 1000
const SEPARATOR = '\u0000'

/** The caps of labels. */
export interface LabelOptions {
  readonly metricTags: readonly string[]
  readonly maxModels: number
  readonly maxTagValues: number
}

/** The fields of a call that become labels of `gen_ai.*` metrics. */
export type GenAiIdentity = Pick<
  UsageIdentity,
  'operation' | 'requestModel' | 'responseModel' | 'serverAddress' | 'serverPort'
>

/** A set of attributes, and the sets derived from it by adding one attribute. Kept as a tree: each set exists once. */
export class AttributeSet {
  /** Never changed after construction. */
  readonly attributes: Attributes
  #children: Map<string, Map<string, AttributeSet>> | undefined

  constructor(attributes: Attributes) {
    // The SDK sorts the keys at every measurement; sorting what is sorted is cheap.
    this.attributes = Object.fromEntries(Object.entries(attributes).sort(([a], [b]) => (a < b ? -1 : 1)))
  }

  /** This set with one more attribute. `value` comes from a bounded set of values. */
  with(name: string, value: string): AttributeSet {
    this.#children ??= new Map()
    let named = this.#children.get(name)
    if (named === undefined) this.#children.set(name, (named = new Map()))
    let child = named.get(value)
    if (child === undefined)
      named.set(value, (child = new AttributeSet({ ...this.attributes, [name]: value })))
    return child
  }
}

/** Turns calls into label sets, within the caps of the configuration. One per process: the caps live here. */
export class Labels {
  readonly #requestModels: LabelValues
  readonly #responseModels: LabelValues
  readonly #routedModels: LabelValues
  readonly #serverAddresses: LabelValues
  readonly #errorTypes: LabelValues
  readonly #tagValues: ReadonlyMap<string, LabelValues>
  readonly #callSets = new BoundedCache<AttributeSet>(CACHED_LABEL_SETS)
  /** The last results: a call needs the same set several times in a row, and building its key is slower than comparing. */
  #lastCall: { readonly identity: CallIdentity; readonly set: AttributeSet } | undefined
  #lastGenAi: { readonly identity: GenAiIdentity; readonly set: AttributeSet } | undefined
  readonly #genAiSets = new BoundedCache<AttributeSet>(CACHED_LABEL_SETS)

  constructor(options: LabelOptions) {
    const { metricTags, maxModels, maxTagValues } = options
    this.#requestModels = new LabelValues(maxModels, cleanModel)
    this.#responseModels = new LabelValues(maxModels, cleanModel)
    this.#routedModels = new LabelValues(maxModels, cleanModel)
    this.#serverAddresses = new LabelValues(maxTagValues, cleanText)
    this.#errorTypes = new LabelValues(maxTagValues, cleanWord, OTHER_ERROR)
    this.#tagValues = new Map(metricTags.map((tag) => [tag, new LabelValues(maxTagValues, cleanText)]))
  }

  /** The labels of every `aimlapi.*` metric of a call. */
  ofCall(identity: CallIdentity): AttributeSet {
    const last = this.#lastCall
    if (last !== undefined && isSameCall(last.identity, identity)) return last.set
    const { operation, endpoint, requestModel, account, tags } = identity
    let key = `${operation}${SEPARATOR}${endpoint}${SEPARATOR}${account}${SEPARATOR}${requestModel ?? ''}`
    for (const tag of this.#tagValues.keys()) key += SEPARATOR + (ownValue(tags, tag) ?? '')
    let set = this.#callSets.get(key)
    if (set === undefined) {
      set = new AttributeSet({
        [A.operation]: operation,
        ...(requestModel !== undefined && { [A.requestModel]: this.#requestModels.admit(requestModel) }),
        [A.endpoint]: endpoint,
        [A.account]: account,
        ...this.#tagAttributes(tags),
      })
      this.#callSets.set(key, set)
    }
    this.#lastCall = { identity, set }
    return set
  }

  /** The labels of the `gen_ai.*` metrics; unknown ones are left out. */
  ofGenAi(identity: GenAiIdentity): AttributeSet {
    const last = this.#lastGenAi
    if (last !== undefined && isSameGenAi(last.identity, identity)) return last.set
    const { operation, requestModel, responseModel, serverAddress, serverPort } = identity
    const key = `${operation}${SEPARATOR}${requestModel ?? ''}${SEPARATOR}${responseModel ?? ''}${SEPARATOR}${serverAddress ?? ''}${SEPARATOR}${serverPort ?? ''}`
    let set = this.#genAiSets.get(key)
    if (set === undefined) {
      set = new AttributeSet({
        [A.operation]: operation,
        [A.provider]: PROVIDER,
        ...(requestModel !== undefined && { [A.requestModel]: this.#requestModels.admit(requestModel) }),
        ...(responseModel !== undefined && { [A.responseModel]: this.#responseModels.admit(responseModel) }),
        ...this.#serverAttributes(serverAddress, serverPort),
      })
      this.#genAiSets.set(key, set)
    }
    this.#lastGenAi = { identity, set }
    return set
  }

  /** The labels of credits, cost and tokens: those of the call, and the model that a router chose. */
  ofUsage(identity: CallIdentity & Pick<UsageIdentity, 'routedModel'>): AttributeSet {
    const set = this.ofCall(identity)
    const { routedModel } = identity
    return routedModel === undefined ? set : set.with(A.routedModel, this.#routedModels.admit(routedModel))
  }

  /** With an `error.type`, if there is one: the first so many codes, later ones are `_OTHER`. */
  withError(set: AttributeSet, errorType: string | undefined): AttributeSet {
    return errorType === undefined ? set : set.with(A.errorType, this.#errorTypes.admit(errorType))
  }

  #tagAttributes(tags: CallIdentity['tags']): Attributes {
    const attributes: Attributes = {}
    for (const [tag, values] of this.#tagValues) {
      const value = ownValue(tags, tag)
      if (value !== undefined && value.trim() !== '') attributes[TAG_PREFIX + tag] = values.admit(value)
    }
    return attributes
  }

  #serverAttributes(address: string | undefined, port: number | undefined): Attributes {
    if (address === undefined) return {}
    const admitted = this.#serverAddresses.admit(address)
    // Without the port: ports of servers past the cap would create new series again.
    if (port === undefined || admitted === OVERFLOW_VALUE) return { [A.serverAddress]: admitted }
    return { [A.serverAddress]: admitted, [A.serverPort]: port }
  }
}

function ownValue(tags: CallIdentity['tags'], tag: string): string | undefined {
  return Object.hasOwn(tags, tag) ? tags[tag] : undefined
}

function isSameCall(a: CallIdentity, b: CallIdentity): boolean {
  return (
    a.operation === b.operation &&
    a.endpoint === b.endpoint &&
    a.requestModel === b.requestModel &&
    a.account === b.account &&
    a.tags === b.tags
  )
}

function isSameGenAi(a: GenAiIdentity, b: GenAiIdentity): boolean {
  return (
    a.operation === b.operation &&
    a.requestModel === b.requestModel &&
    a.responseModel === b.responseModel &&
    a.serverAddress === b.serverAddress &&
    a.serverPort === b.serverPort
  )
}
