import { OpenAI } from 'openai'
import { createHandler } from '../../../../serve.cjs'

export const dynamic = 'force-dynamic'

let handle

export async function GET(request, { params }) {
  handle ??= createHandler({}, OpenAI)
  return Response.json(await handle(await params, {}))
}
