/**
 * A web service as anybody runs one, for the houses: the tool under test watches it, and calls go to AI/ML API.
 * It says its port on standard output, works for whoever asks, and ends by itself when its input closes.
 */
const http = require('node:http')
const { report, nameOf } = require('./report.cjs')

const { CELL_ORIGIN, CELL_KEY } = process.env
const BODY = { model: 'gpt-4o-mini', messages: [{ role: 'user', content: 'canary-prompt: who is asking?' }] }
/** Requests of `/together` wait for each other: all are open at the same time. */
const TOGETHER = 3

function postThroughNodeHttp() {
  return new Promise((resolve, reject) => {
    const headers = { authorization: `Bearer ${CELL_KEY}`, 'content-type': 'application/json' }
    const sent = http.request(
      `${CELL_ORIGIN}/v1/chat/completions`,
      { method: 'POST', headers, agent: false },
      (answer) => {
        let text = ''
        answer.setEncoding('utf8').on('data', (chunk) => (text += chunk))
        answer.on('end', () => resolve(JSON.parse(text)))
      },
    )
    sent.on('error', reject).end(JSON.stringify(BODY))
  })
}

/** What a user asks for, by the first part of the path; each gives something that can be sent as JSON. */
function worksOf(tool, OpenAI) {
  const bare = new OpenAI({ baseURL: `${CELL_ORIGIN}/v1`, apiKey: CELL_KEY, maxRetries: 0 })
  const client = tool.watch?.(bare) ?? bare
  const { completions } = client.chat
  const waiting = []
  return {
    json: async () => (await completions.create(BODY)).choices[0].message.content,
    async stream() {
      let text = ''
      for await (const chunk of await completions.create({ ...BODY, stream: true }))
        text += chunk.choices[0]?.delta?.content ?? ''
      return text
    },
    http: async () => (await postThroughNodeHttp()).choices[0].message.content,
    async together(user) {
      await new Promise((resolve) => {
        waiting.push(resolve)
        if (waiting.length === TOGETHER) for (const go of waiting) go()
      })
      tool.report?.(`event of ${user}`)
      return 'reported'
    },
  }
}

/** For any framework: `tag`, then the work, then whose the request is believed to be. */
function createHandler(tool, OpenAI) {
  const works = worksOf(tool, OpenAI)
  const handle = async (work, user) => {
    tool.tag?.(user)
    const answer = await works[work](user)
    return { answer, tag: tool.readTag?.() ?? null }
  }
  return ({ work, user }, headers) => {
    if (tool.inSpanOfVisit === undefined) return handle(work, user)
    return tool.inSpanOfVisit(headers, () => handle(work, user))
  }
}

/** Says the port, and ends when told to. */
function announce(server, tool) {
  process.stdout.write(`${JSON.stringify({ port: server.address().port })}\n`)
  process.stdin.resume().on('end', async () => {
    try {
      await tool.flush?.()
    } catch (error) {
      report.unhandled.push(`flush ${nameOf(error)}`)
    }
    server.close()
    server.closeAllConnections()
  })
}

function serveWithExpress(tool, express, OpenAI) {
  const handle = createHandler(tool, OpenAI)
  const app = express()
  app.get('/:work/:user', async (request, response) => {
    response.json(await handle(request.params, request.headers))
  })
  tool.prepare?.(app)
  const server = app.listen(0, '127.0.0.1', () => announce(server, tool))
}

module.exports = { announce, createHandler, serveWithExpress }
