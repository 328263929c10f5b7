import { withSpendTags } from 'opentelemetry-instrumentation-aimlapi'

/** Answers `POST /api/ask { question }`; its spend carries the tag `route`. */
export async function POST(request: Request): Promise<Response> {
  const { question } = (await request.json()) as { question: string }
  return withSpendTags({ route: '/api/ask' }, async () => {
    const response = await fetch('https://api.aimlapi.com/v1/chat/completions', {
      method: 'POST',
      // A cached answer causes no traffic and costs nothing, so there would be nothing to count.
      cache: 'no-store',
      headers: {
        authorization: `Bearer ${process.env.AIMLAPI_API_KEY}`,
        'content-type': 'application/json',
      },
      body: JSON.stringify({ model: 'gpt-4o-mini', messages: [{ role: 'user', content: question }] }),
    })
    const completion = (await response.json()) as { choices: { message: { content: string } }[] }
    return Response.json({ answer: completion.choices[0]?.message.content })
  })
}
