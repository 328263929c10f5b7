/** One request of a batch, from the batch's results. */
import type { Usage } from '../types.ts'
import { readSpent } from './cost.ts'
import { type Fields, fieldsOf, isFields, readId, readModel } from './fields.ts'

/** The result of one request of a batch. */
export interface BatchItem {
  readonly customId: string
  readonly model?: string
  readonly usage: Usage
  readonly failed: boolean
}

/** Reads an item. `undefined`: the document is none. `isReadable` is false when a field that should be a count is not. */
export function readBatchItem(document: Fields): { item: BatchItem; isReadable: boolean } | undefined {
  const customId = readId(document['custom_id'])
  const result = document['result']
  if (customId === undefined || !isFields(result)) return undefined
  const message = fieldsOf(result['message'])
  const { usage, isReadable } = readSpent([document, result, message])
  const model = readModel(message['model'])
  const failed = result['type'] !== 'succeeded'
  return { item: { customId, usage, failed, ...(model !== undefined && { model }) }, isReadable }
}
