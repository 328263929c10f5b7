import type { ReadableSpan } from '@opentelemetry/sdk-trace-base'

/** Every span with its ancestors, by name and in order: `app > chat > POST`. Ancestors that are not among them are left out. */
export function readSpanTree(spans: readonly ReadableSpan[]): string[] {
  const pathOf = (id: string | undefined): string[] => {
    const span = spans.find((candidate) => candidate.spanContext().spanId === id)
    return span === undefined ? [] : [...pathOf(span.parentSpanContext?.spanId), span.name]
  }
  return spans.map((span) => pathOf(span.spanContext().spanId).join(' > ')).toSorted()
}
