/** The table of what is kept and waited for, from the constants that bound it. */
import { MAX_ITEMS_OF_ALL } from '../../src/calls/batch-results.ts'
import { ACCOUNT_TIMEOUT_MS } from '../../src/account/client.ts'
import { MAX_PAGES } from '../../src/account/log-search.ts'
import { PAGE_SIZE } from '../../src/api/account.ts'
import { LAST_READING_AGE_MS } from '../../src/account/read-again.ts'
import { MAX_ENTRIES } from '../../src/account/seen-entries.ts'
import { MAX_PENDING_MS } from '../../src/account/settlement.ts'
import { FLUSH_TIMEOUT_MS, PAGE_SPACING_MS } from '../../src/account/watch-accounts.ts'
import {
  FREE_DECODED_BYTES,
  MAX_CALL_BYTES,
  MAX_DECODED_BYTES,
  MAX_DECODED_RATIO,
} from '../../src/api/limits.ts'
import { DEFAULT_MAX_IDLE_MS, DEFAULT_MAX_IDS } from '../../src/calls/known-ids.ts'
import { UNANSWERED_LIMIT_MS, UNREAD_BODY_LIMIT_MS } from '../../src/calls/open-calls.ts'
import { MAX_TAGS, MAX_VALUE_LENGTH } from '../../src/calls/tags.ts'
import { MAX_METRIC_TAGS, resolveConfig } from '../../src/config.ts'
import { MAX_DELAY_MS } from '../../src/sdk/process-exit.ts'
import { formatTable } from './table.ts'

type Scale = readonly (readonly [unit: string, size: number])[]
const TIMES: Scale = [
  ['h', 3_600_000],
  ['min', 60_000],
  ['s', 1000],
  ['ms', 1],
]
const SIZES: Scale = [
  ['GiB', 2 ** 30],
  ['MiB', 2 ** 20],
  ['KiB', 2 ** 10],
  ['bytes', 1],
]

export function formatLimits(): string {
  const { settlement, maxModels, maxTagValues } = resolveConfig({}, {})
  return formatTable(
    ['What', 'At most', 'Beyond'],
    [
      [
        'Kept of one call in flight',
        say(MAX_CALL_BYTES, SIZES),
        'further bytes are read and not kept; a compressed body also needs a decoder',
      ],
      [
        'A compressed body, decoded',
        `${say(MAX_DECODED_BYTES, SIZES)}; and, if it is over ${say(FREE_DECODED_BYTES, SIZES)}, ${MAX_DECODED_RATIO} times its compressed size`,
        'counted as missing, `too_large`',
      ],
      [
        'A body that nobody reads: time without an event',
        say(UNREAD_BODY_LIMIT_MS, TIMES),
        'the record of the call ends, with the `error.type` `abandoned`; the connection is not touched',
      ],
      [
        'A request without an answer',
        say(UNANSWERED_LIMIT_MS, TIMES),
        'the record of the call ends, in the same way',
      ],
      [
        'Calls that wait for their cost',
        `${say(settlement.maxPending)}, ${say(MAX_PENDING_MS, TIMES)} each`,
        'counted as missing, `evicted` or `expired`',
      ],
      [
        'Job ids remembered',
        `${say(DEFAULT_MAX_IDS)}, ${say(DEFAULT_MAX_IDLE_MS, TIMES)} after the last poll`,
        'a later poll counts as one of a new job',
      ],
      [
        'Ids of other answers remembered',
        `${say(DEFAULT_MAX_IDS)}, at least ${say(DEFAULT_MAX_IDLE_MS, TIMES)} unless newer ones push them out`,
        'a replay or a read counts as a new call',
      ],
      [
        'Results of batches remembered',
        `${say(MAX_ITEMS_OF_ALL)} of all batches that were read before another one`,
        'of the batch that was read first, further results count no more',
      ],
      ['Models as label values', say(maxModels), 'counted under `other`'],
      ['Values of each spend tag', say(maxTagValues), 'counted under `other`'],
      ['Spend tags on metrics', say(MAX_METRIC_TAGS), 'an error at start'],
      [
        'Spend tags of one call',
        `${say(MAX_TAGS)}, ${say(MAX_VALUE_LENGTH)} characters each`,
        'further tags are left out, longer values are cut',
      ],
      ['Requests for log and ledger', `one per ${say(PAGE_SPACING_MS, TIMES)} and account`, 'asked later'],
      [
        'Rows of the log in the half hour of a call that waits for its cost',
        say(MAX_PAGES * PAGE_SIZE),
        'that half hour is not read to its end: its calls are looked for around their start, and else count as missing, `expired`',
      ],
      [
        'A charge that appears late in the ledger',
        `${say(LAST_READING_AGE_MS, TIMES)} after its date`,
        'not counted',
      ],
      ['Charges remembered per account', say(MAX_ENTRIES), 'late charges are looked for over a shorter time'],
      ['An account request', say(ACCOUNT_TIMEOUT_MS, TIMES), 'given up, asked again later'],
      ['After a signal: time for the last export', say(MAX_DELAY_MS, TIMES), 'the process ends'],
      ['The last attempt of `settleOnShutdown`', say(FLUSH_TIMEOUT_MS, TIMES), 'lost with the process'],
    ],
  )
}

/** In the largest unit that leaves no fraction. */
function say(value: number, scale: Scale = []): string {
  const [unit, size] = scale.find(([, size]) => value % size === 0) ?? ['', 1]
  return `${(value / size).toLocaleString('en-US')} ${unit}`.trim()
}
