/** The attribute objects of the metrics: created once per label set and reused, so that a call allocates none. */
import type { Attributes } from '@opentelemetry/api'
import type { StreamIdentity, UsageIdentity } from '../ports.ts'
import type { CallIdentity, CallRecord } from '../types.ts'
import { BoundedCache, cleanModel, cleanText, cleanWord, limitValues } from './cardinality.ts'
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
export type GenAiIdentity = StreamIdentity & Pick<CallRecord, 'responseModel'>

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

export type Labels = ReturnType<typeof createLabels>

/** Turns calls into label sets, within the caps of the configuration. One per process: the caps live here. */
export function createLabels({ metricTags, maxModels, maxTagValues }: LabelOptions) {
  const admit = {
    requestModel: limitValues(maxModels, cleanModel),
    responseModel: limitValues(maxModels, cleanModel),
    routedModel: limitValues(maxModels, cleanModel),
    serverAddress: limitValues(maxTagValues, cleanText),
    errorType: limitValues(maxTagValues, cleanWord, OTHER_ERROR),
  }
  const admitOfTag = new Map(metricTags.map((tag) => [tag, limitValues(maxTagValues, cleanText)]))
  const callSets = new BoundedCache<AttributeSet>(CACHED_LABEL_SETS)
  const genAiSets = new BoundedCache<AttributeSet>(CACHED_LABEL_SETS)
  // The last results: a call needs the same set several times in a row, and building its key is slower than comparing.
  let lastCall: { readonly identity: CallIdentity; readonly set: AttributeSet } | undefined
  let lastGenAi: { readonly identity: GenAiIdentity; readonly set: AttributeSet } | undefined

  const tagAttributes = (tags: CallIdentity['tags']): Attributes => {
    const attributes: Attributes = {}
    for (const [tag, admitValue] of admitOfTag) {
      const value = ownValue(tags, tag)
      if (value !== undefined && value.trim() !== '') attributes[TAG_PREFIX + tag] = admitValue(value)
    }
    return attributes
  }

  const serverAttributes = ({ serverAddress, serverPort }: GenAiIdentity): Attributes => {
    const admitted = admit.serverAddress(serverAddress)
    // Without the port: ports of servers past the cap would create new series again.
    return { [A.serverAddress]: admitted, ...(admitted !== OVERFLOW_VALUE && { [A.serverPort]: serverPort }) }
  }

  /** The labels of every `aimlapi.*` metric of a call. */
  const ofCall = (identity: CallIdentity): AttributeSet => {
    if (lastCall !== undefined && isSameCall(lastCall.identity, identity)) return lastCall.set
    const { operation, endpoint, requestModel, account, tags } = identity
    let key = `${operation}${SEPARATOR}${endpoint}${SEPARATOR}${account}${SEPARATOR}${requestModel ?? ''}`
    for (const tag of metricTags) key += SEPARATOR + (ownValue(tags, tag) ?? '')
    let set = callSets.get(key)
    if (set === undefined) {
      set = new AttributeSet({
        [A.operation]: operation,
        ...(requestModel !== undefined && { [A.requestModel]: admit.requestModel(requestModel) }),
        [A.endpoint]: endpoint,
        [A.account]: account,
        ...tagAttributes(tags),
      })
      callSets.set(key, set)
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
      const key = `${operation}${SEPARATOR}${requestModel ?? ''}${SEPARATOR}${responseModel ?? ''}${SEPARATOR}${serverAddress}${SEPARATOR}${serverPort}`
      let set = genAiSets.get(key)
      if (set === undefined) {
        set = new AttributeSet({
          [A.operation]: operation,
          [A.provider]: PROVIDER,
          ...(requestModel !== undefined && { [A.requestModel]: admit.requestModel(requestModel) }),
          ...(responseModel !== undefined && { [A.responseModel]: admit.responseModel(responseModel) }),
          ...serverAttributes(identity),
        })
        genAiSets.set(key, set)
      }
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
