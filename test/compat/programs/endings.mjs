/** Thirteen ways in which a call through the `openai` package ends, for whoever wants to see what becomes of them. */

const LONG = 'chunks=40; output=80; paceMs=5'

/**
 * By the name of the ending: makes one call, and gives what the application saw of it. `options(headers)` gives the
 * request options of the call.
 */
export function createEndings(client, origin) {
  const { completions } = client.chat
  // Until version 5 these two were under `beta`.
  const withParse = typeof completions.parse === 'function' ? completions : client.beta.chat.completions

  const plain = { model: 'gpt-4o', messages: [{ role: 'user', content: 'canary-prompt: how does it end?' }] }
  const streamed = { ...plain, model: 'gpt-4o-mini', stream: true, stream_options: { include_usage: true } }

  const textOf = (chunk) => chunk.choices[0]?.delta?.content ?? ''

  async function readAll(stream) {
    let text = ''
    for await (const chunk of stream) text += textOf(chunk)
    return text
  }

  /** Texts of the first three chunks. */
  async function readStart(stream, then) {
    const texts = []
    for await (const chunk of stream) {
      texts.push(textOf(chunk))
      if (texts.length === 3 && then() === 'leave') break
    }
    return texts.slice(0, 3)
  }

  return {
    'stream complete': async (options) => readAll(await completions.create(streamed, options())),

    'stream no usage chunk': async (options) =>
      readAll(
        await completions.create(
          { ...plain, stream: true },
          options({ 'x-sim-options': 'usage=never; meta=no' }),
        ),
      ),

    'early break': async (options) =>
      readStart(await completions.create(streamed, options({ 'x-sim-options': LONG })), () => 'leave'),

    'socket dies': async (options) => {
      const stream = await completions.create(
        streamed,
        options({ 'x-sim-options': LONG, 'x-sim-fault': 'breakAt=0.5' }),
      )
      return readStart(stream, () => 'stay')
    },

    'abort signal': async (options) => {
      const controller = new AbortController()
      const stream = await completions.create(streamed, {
        ...options({ 'x-sim-options': LONG }),
        signal: controller.signal,
      })
      return readStart(stream, () => controller.abort())
    },

    'stream .tee()': async (options) => {
      const [left, right] = (await completions.create(streamed, options())).tee()
      return Promise.all([readAll(left), readAll(right)])
    },

    'stream .toReadableStream()': async (options) => {
      const stream = await completions.create(streamed, options())
      return new Response(stream.toReadableStream())
        .text()
        .then((lines) => lines.replace(/"created":\d+/g, ''))
    },

    'stream .withResponse()': async (options) => {
      const { data, response } = await completions.create(streamed, options()).withResponse()
      return { status: response.status, text: await readAll(data) }
    },

    'create().withResponse()': async (options) => {
      const { data, response } = await completions.create(plain, options()).withResponse()
      return { status: response.status, message: data.choices[0].message, usage: data.usage }
    },

    'create().asResponse()': async (options) => {
      const response = await completions.create(plain, options()).asResponse()
      const { choices, usage } = await response.json()
      return {
        status: response.status,
        url: response.url.replace(origin, ''),
        message: choices[0].message,
        usage,
      }
    },

    'completions.parse()': async (options) => {
      const { choices, usage } = await withParse.parse(plain, options())
      return { message: choices[0].message, usage }
    },

    'completions.stream()': async (options) => {
      const { choices } = await withParse.stream(streamed, options()).finalChatCompletion()
      return choices[0].message
    },

    // The last one: it stays open until the end. Too big for the buffers of the sockets on the way.
    'never consumed': async (options) => {
      const stream = await completions.create(streamed, options({ 'x-sim-fault': 'padBytes=16777216' }))
      globalThis.keptForever = stream
      return Object.prototype.toString.call(stream)
    },
  }
}
