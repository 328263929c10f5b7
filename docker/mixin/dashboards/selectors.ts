/** Series as the dashboards select them: by the variables at the top of the page. */
import { label } from '../names.ts'
import { select } from '../promql.ts'

const JOB = 'job=~"$job"'
const INSTANCE = 'instance=~"$instance"'
const ACCOUNT = `${label.account}=~"$account"`
const MODEL = `${label.requestModel}=~"$model"`

/** The spend tag that the page is split by: the name of a label. */
export const TAG = '$tag'

/** Variables that narrow calls down, in the order of the page. */
export const CALL_VARIABLES = [
  { name: 'model', title: 'Model', label: label.requestModel },
  { name: 'endpoint', title: 'Endpoint', label: label.endpoint },
  { name: 'tag', title: 'Split by tag' },
  { name: 'value', title: 'Value of the tag', label: TAG },
]

const CALL = [MODEL, `${label.endpoint}=~"$endpoint"`, `${TAG}=~"$value"`]

/** A metric of calls, as the service reports it. */
export function calls(metric: string, ...more: string[]): string {
  return select(metric, JOB, INSTANCE, ACCOUNT, ...CALL, ...more)
}

/** A recorded series of level aimlapi_call: the instances are summed up in it. */
export function recordedCalls(series: string, ...more: string[]): string {
  return select(series, JOB, ACCOUNT, ...CALL, ...more)
}

/** A recorded GenAI histogram; the conventions know no account. */
export function recordedGenAi(series: string): string {
  return select(series, JOB, MODEL)
}

/** A metric of the account, as each process that polls reports it. */
export function accountMetric(metric: string, ...more: string[]): string {
  return select(metric, JOB, INSTANCE, ACCOUNT, ...more)
}

/** A recorded series of level aimlapi_service. */
export function recordedServices(series: string, ...more: string[]): string {
  return select(series, JOB, ACCOUNT, ...more)
}

/** Budgets used: of the picked accounts, and of values of tags, which have no account. */
export function recordedBudgets(series: string, ...more: string[]): string {
  return select(series, `${label.account}=~"$account|"`, ...more)
}

/** A recorded series of level aimlapi_account: one per account, over all jobs. */
export function recordedAccounts(series: string, ...more: string[]): string {
  return select(series, ACCOUNT, ...more)
}
