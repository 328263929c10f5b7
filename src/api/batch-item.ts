/** One request of a batch, from the batch's results. */
import type { Usage } from '../types.ts'
import { addCost, collectCost, NO_COST, type Cost } from './cost.ts'
import { fieldsOf, isFields, type Fields } from './fields.ts'
import { readId, readModel } from './text.ts'
import { UsageFigures } from './usage.ts'

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
  const figures = new UsageFigures()
  const cost: Cost = { isUnreadable: false }
  for (const part of [document, result, message]) {
    figures.add(part['usage'])
    collectCost(fieldsOf(part['meta'])['usage'], cost)
  }
  const usage = figures.summarize()
  addCost(usage, NO_COST, cost)
  const model = readModel(message['model'])
  const failed = result['type'] !== 'succeeded'
  return {
    item: { customId, usage, failed, ...(model !== undefined && { model }) },
    isReadable: !figures.isUnreadable,
  }
}
