/** OCR: pages instead of tokens. */
import { json, metaOf, requiredModel, type Answer, type Call } from '../call.ts'
import { creditsFor, modelFor } from '../models.ts'

export function ocr(call: Call): Answer {
  const model = modelFor(requiredModel(call), 'ocr')
  const { pages } = call.body
  const count = Array.isArray(pages) ? Math.max(1, pages.length) : 1
  const credits = call.behaviour.credits ?? creditsFor(model.price, { pages: count })
  call.billing.requireFunds(call, credits)
  const charge = call.billing.charge(call, model, { credits })
  return json(
    {
      pages: Array.from({ length: count }, (_, index) => ({
        index,
        markdown: 'Canary page text.',
        images: [],
        dimensions: { dpi: 200, height: 2789, width: 3024 },
      })),
      model: model.responseModel,
      usage_info: { pages_processed: count, doc_size_bytes: call.random.next() < 0.5 ? null : 573_156 },
      ...metaOf(call, model, credits),
    },
    charge,
  )
}
