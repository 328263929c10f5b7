/** The shape of an alert, with its page of the runbook. */
import { type Severity, config } from '../config.ts'
import { label } from '../names.ts'

/** One thing to look at, and the query that shows it. */
export interface Check {
  readonly text: string
  readonly query: string
}

export interface Alert {
  /** `Aimlapi…`; also the heading in the runbook. */
  readonly name: string
  readonly severity: Severity
  /** How long the expression must hold. */
  readonly for: string
  readonly expr: string
  /** Constant: the subject line of a notification. */
  readonly summary: string
  /** With the value and the labels of this instance of the alert. */
  readonly description: string
  readonly runbook: {
    readonly meaning: string
    readonly impact: string
    readonly checks: readonly [Check, Check, Check]
    readonly fix: string
  }
}

/** Template of a label's value in a description. */
export function valueOf(labelName: string): string {
  return `{{ $labels.${labelName} }}`
}

export const ACCOUNT = valueOf(label.account)
export const JOB = valueOf('job')
export const USD = '${{ printf "%.2f" $value }}'
export const HOURS = '{{ printf "%.1f" $value }} hours'
export const PERCENT = '{{ humanizePercentage $value }}'

/** The anchor that Markdown renderers give the alert's heading. */
export function anchorOf(alert: Alert): string {
  return alert.name.toLowerCase()
}

export function runbookUrlOf(alert: Alert): string {
  return `${config.runbookUrl}#${anchorOf(alert)}`
}
