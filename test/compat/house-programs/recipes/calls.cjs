/** Calls of a program without a framework: one through each transport, or as many as told. */
const http = require('node:http')
const https = require('node:https')

const { CELL_ORIGIN, CELL_KEY } = process.env
const headers = { authorization: `Bearer ${CELL_KEY}`, 'content-type': 'application/json' }
const body = JSON.stringify({
  model: 'gpt-4o-mini',
  messages: [{ role: 'user', content: 'canary-prompt: who counts?' }],
})
const url = (origin) => `${origin ?? CELL_ORIGIN}/v1/chat/completions`

async function throughFetch(more = {}) {
  const answer = await (more.fetch ?? fetch)(url(more.origin), {
    method: 'POST',
    headers,
    body,
    ...(more.dispatcher && { dispatcher: more.dispatcher }),
  })
  return (await answer.json()).choices[0].message.content
}

function throughNodeHttp(more = {}) {
  return new Promise((resolve, reject) => {
    const options = { method: 'POST', headers, ...more.options }
    const sent = (url(more.origin).startsWith('https') ? https : http).request(
      url(more.origin),
      options,
      (answer) => {
        let text = ''
        answer.setEncoding('utf8').on('data', (chunk) => (text += chunk))
        answer.on('end', () => resolve(JSON.parse(text).choices[0].message.content))
      },
    )
    sent.on('error', reject).end(body)
  })
}

module.exports = { throughFetch, throughNodeHttp }
