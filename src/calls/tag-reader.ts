/**
 * Spend tags without `withSpendTags`: entries of the active baggage and attributes of the active span, such as
 * `gen_ai.agent.name`, `gen_ai.workflow.name` or a tenant.
 */
import { propagation, trace, type Context } from '@opentelemetry/api'
import { mergeTags, currentSpendTags, type SpendTags } from './tags.ts'

/** The names that become tags, of each kind. */
export interface TagSources {
  readonly baggage: readonly string[]
  readonly span: readonly string[]
}

/** The tags of a call made here, in the caller's context. */
export type ReadTags = (caller: Context) => SpendTags

/**
 * Tags of `withSpendTags` win over attributes of the span, and these over baggage, which may come from another service.
 * Attributes are read where the SDK's spans have a field `attributes`; text, numbers and booleans become tags.
 */
export function createTagReader({ baggage, span }: TagSources): ReadTags {
  if (baggage.length === 0 && span.length === 0) return () => currentSpendTags()
  return (caller) => {
    const tags: Record<string, string> = Object.create(null) as Record<string, string>
    try {
      addBaggage(caller, baggage, tags)
      addAttributes(caller, span, tags)
    } catch {
      // Context or span of the host has thrown: the tags read so far are used.
    }
    return mergeTags(mergeTags({}, tags), currentSpendTags())
  }
}

function addBaggage(caller: Context, names: readonly string[], tags: Record<string, string>): void {
  if (names.length === 0) return
  const entries = propagation.getBaggage(caller)
  for (const name of names) {
    const value = entries?.getEntry(name)?.value
    if (value !== undefined && value !== '') tags[name] = value
  }
}

function addAttributes(caller: Context, names: readonly string[], tags: Record<string, string>): void {
  if (names.length === 0) return
  const active = trace.getSpan(caller) as { readonly attributes?: unknown } | undefined
  const attributes = active?.attributes
  if (typeof attributes !== 'object' || attributes === null) return
  for (const name of names) {
    const value: unknown = (attributes as Record<string, unknown>)[name]
    if (typeof value === 'string' ? value !== '' : typeof value === 'number' || typeof value === 'boolean')
      tags[name] = String(value)
  }
}
