/** Series as the dashboards select them: by the variables at the top of the page. */
import { config } from '../config.ts'
import { label, tagLabel } from '../names.ts'
import { select } from '../promql.ts'

const JOB = 'job=~"$job"'
const INSTANCE = 'instance=~"$instance"'
const ACCOUNT = `${label.account}=~"$account"`
const MODEL = `${label.requestModel}=~"$model"`

/** Variables that narrow calls down, in the order of the page. */
export const CALL_VARIABLES = [
  { name: 'model', title: 'Model', label: label.requestModel },
  { name: 'endpoint', title: 'Endpoint', label: label.endpoint },
  ...config.tags.map((tag) => ({ name: tag, title: capitalised(tag), label: tagLabel(tag) })),
]

const CALL = CALL_VARIABLES.map(({ name, label: labelName }) => `${labelName}=~"$${name}"`)

/** A metric of calls, as the service reports it. */
export function calls(metric: string, ...more: string[]): string {
  return select(metric, JOB, INSTANCE, ACCOUNT, ...CALL, ...more)
}

/** A recorded series of level aimlapi_call: the instances are summed up in it. */
export function recordedCalls(series: string, ...more: string[]): string {
  return select(series, JOB, ACCOUNT, ...CALL, ...more)
}

/** A recorded series of level aimlapi_model. */
export function recordedModels(series: string, ...more: string[]): string {
  return select(series, JOB, ACCOUNT, MODEL, ...more)
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

/** A recorded series of level aimlapi_account: one per account, over all jobs. */
export function recordedAccounts(series: string, ...more: string[]): string {
  return select(series, ACCOUNT, ...more)
}

export function capitalised(word: string): string {
  return word.charAt(0).toUpperCase() + word.slice(1)
}
