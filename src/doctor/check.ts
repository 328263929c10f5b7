/** What one check of the doctor found. */
export interface Check {
  /** What was looked at: `Node.js`, `OpenTelemetry`, `configuration`, … */
  readonly name: string
  /** `failure` sets the exit code; `skipped` says why in `summary`. */
  readonly status: 'ok' | 'warning' | 'failure' | 'skipped'
  /** What was found, in one sentence. Never a key, e-mail, user id or message of the API. */
  readonly summary: string
  /** What to do about it, in plain words. */
  readonly advice?: string
}

/** Makes what the check `name` found, by its status. */
export function findingsOf(name: string) {
  const finding =
    (status: Check['status']) =>
    (summary: string, advice?: string): Check =>
      advice === undefined ? { name, status, summary } : { name, status, summary, advice }
  return {
    ok: finding('ok'),
    warning: finding('warning'),
    failure: finding('failure'),
    skipped: finding('skipped'),
  }
}
