/** The attribute objects of the metrics: created once per label set and reused, so that a call allocates none. */
import type { Attributes } from '@opentelemetry/api'
import type { StreamIdentity, UsageIdentity } from '../ports.ts'
import type { CallIdentity, CallRecord } from '../types.ts'
import { cleanModel, cleanText, cleanWord, limitValues } from './cardinality.ts'
import { ATTRIBUTE as A, OVERFLOW_VALUE, PROVIDER, TAG_PREFIX } from './names.ts'

/** Label sets that are kept; with one more, all are forgotten. */
const MAX_SETS = 20_000

/** The caps of labels. */
export interface LabelOptions {
  readonly metricTags: readonly string[]
  readonly maxModels: number
  readonly maxTagValues: number
}

/** The fields of a call that become labels of `gen_ai.*` metrics. */
export type GenAiIdentity = StreamIdentity & Pick<CallRecord, 'responseModel'>

/** A set of attributes, and the sets derived from it by adding one attribute. Kept as a tree: each set exists once. */
export class AttributeSet {
  /** Never changed after construction. */
  readonly attributes: Attributes
  /** At the root of a tree: how many sets it has. */
  size = 0
  readonly #root: AttributeSet
  #children: Map<string, Map<string | number, AttributeSet>> | undefined

  constructor(attributes: Attributes, root?: AttributeSet) {
    // The SDK sorts the keys at every measurement; sorting what is sorted is cheap.
    this.attributes = Object.fromEntries(Object.entries(attributes).sort(([a], [b]) => (a < b ? -1 : 1)))
    this.#root = root ?? this
  }

  /** This set with one more attribute. `value` comes from a bounded set of values. */
  with(name: string, value: string | number): AttributeSet {
    this.#children ??= new Map()
    let named = this.#children.get(name)
    if (named === undefined) this.#children.set(name, (named = new Map()))
    let child = named.get(value)
    if (child === undefined) {
      child = new AttributeSet({ ...this.attributes, [name]: value }, this.#root)
      named.set(value, child)
      this.#root.size += 1
    }
    return child
  }
}

/** The attributes of metrics, one object for equal sets. */
export type Labels = ReturnType<typeof createLabels>

/** Turns calls into label sets, within the caps of the configuration. One per process: the caps live here. */
export function createLabels({ metricTags, maxModels, maxTagValues }: LabelOptions) {
  const admit = {
    requestModel: limitValues(maxModels, cleanModel),
    responseModel: limitValues(maxModels, cleanModel),
    routedModel: limitValues(maxModels, cleanModel),
    serverAddress: limitValues(maxTagValues, cleanText),
    errorType: limitValues(maxTagValues, cleanWord, '_OTHER'),
  }
  const tagLabels = metricTags.map((tag) => {
    return { tag, name: TAG_PREFIX + tag, admit: limitValues(maxTagValues, cleanText) }
  })
  let root = new AttributeSet({})
  // The last results: a call needs the same set several times in a row.
  let lastCall: { readonly identity: CallIdentity; readonly set: AttributeSet } | undefined
  let lastGenAi: { readonly identity: GenAiIdentity; readonly set: AttributeSet } | undefined

  const ofOperation = (operation: string): AttributeSet => {
    // Values are few, but combinations may be many.
    if (root.size > MAX_SETS) root = new AttributeSet({})
    return root.with(A.operation, operation)
  }

  /** The labels of every `aimlapi.*` metric of a call. */
  const ofCall = (identity: CallIdentity): AttributeSet => {
    if (lastCall !== undefined && isSameCall(lastCall.identity, identity)) return lastCall.set
    const { operation, endpoint, requestModel, account, tags } = identity
    let set = ofOperation(operation).with(A.endpoint, endpoint).with(A.account, account)
    if (requestModel !== undefined) set = set.with(A.requestModel, admit.requestModel(requestModel))
    for (const label of tagLabels) {
      const value = Object.hasOwn(tags, label.tag) ? tags[label.tag] : undefined
      if (value !== undefined && value.trim() !== '') set = set.with(label.name, label.admit(value))
    }
    lastCall = { identity, set }
    return set
  }

  return {
    ofCall,
    /** The labels of the `gen_ai.*` metrics; unknown ones are left out. */
    ofGenAi(identity: GenAiIdentity): AttributeSet {
      if (lastGenAi !== undefined && isSameGenAi(lastGenAi.identity, identity)) return lastGenAi.set
      const { operation, requestModel, responseModel, serverAddress, serverPort } = identity
      let set = ofOperation(operation).with(A.provider, PROVIDER)
      if (requestModel !== undefined) set = set.with(A.requestModel, admit.requestModel(requestModel))
      if (responseModel !== undefined) set = set.with(A.responseModel, admit.responseModel(responseModel))
      const address = admit.serverAddress(serverAddress)
      set = set.with(A.serverAddress, address)
      // Without it past the cap: ports of such servers would create new series again.
      if (address !== OVERFLOW_VALUE) set = set.with(A.serverPort, serverPort)
      lastGenAi = { identity, set }
      return set
    },
    /** The labels of credits, cost and tokens: those of the call, and the model that a router chose. */
    ofUsage(identity: CallIdentity & Pick<UsageIdentity, 'routedModel'>): AttributeSet {
      const set = ofCall(identity)
      const { routedModel } = identity
      return routedModel === undefined ? set : set.with(A.routedModel, admit.routedModel(routedModel))
    },
    /** With an `error.type`, if there is one: the first so many codes, later ones are `_OTHER`. */
    withError(set: AttributeSet, errorType: string | undefined): AttributeSet {
      return errorType === undefined ? set : set.with(A.errorType, admit.errorType(errorType))
    },
  }
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
