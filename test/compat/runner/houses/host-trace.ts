/** What another tool sent away, in one form for all of them. */
import { ATTRIBUTE, PROVIDER } from '../../../../src/telemetry/names.ts'

export interface HostSpan {
  /** 16 hexadecimal digits at least: what two tools have in common of a trace's id. */
  readonly trace: string
  readonly id: string
  readonly parent: string | undefined
  readonly name: string
  /** The tool shows it as a transaction or trace of its own. */
  readonly isRoot: boolean
  readonly attributes: Readonly<Record<string, unknown>>
}

/** An event that the application reported, and whose it was by the tool's tags. */
export interface HostEvent {
  readonly message: string
  readonly user: string | undefined
  readonly trace: string | undefined
}

export interface HostTrace {
  readonly spans: readonly HostSpan[]
  readonly events: readonly HostEvent[]
}

export const isOurs = ({ attributes }: HostSpan): boolean =>
  attributes[ATTRIBUTE.provider] === PROVIDER || attributes['aimlapi.endpoint'] !== undefined

/** The part of a trace's id that every tool keeps. */
export const traceKey = (id: unknown): string => String(id ?? '').slice(-16)

/** Ports and addresses differ from run to run. */
const withoutAddress = (name: string): string =>
  name.replaceAll(/(https?:\/\/)?(127\.0\.0\.1|localhost):\d+/g, '<address>')

/** Names from the root down to this span, without ours: where the tool itself would show it. */
export function pathOf(span: HostSpan, spans: readonly HostSpan[]): string {
  const names: string[] = []
  const seen = new Set<string>()
  for (let at: HostSpan | undefined = span; at !== undefined && !seen.has(at.id);) {
    seen.add(at.id)
    if (!isOurs(at)) names.unshift(withoutAddress(at.name))
    const { parent, trace }: HostSpan = at
    at = spans.find((other) => other.id === parent && other.trace === trace)
  }
  return names.join(' > ')
}
