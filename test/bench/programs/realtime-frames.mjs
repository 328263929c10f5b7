// A realtime session that is read some frames at a time.
import { subscribe } from 'node:diagnostics_channel'
import { WebSocket as PackageWebSocket } from 'ws'

const PATHS = {
  openai: '/v1/realtime',
  gemini: '/ws/google.ai.generativelanguage.v1beta.GenerativeService.BidiGenerateContent',
}

/** Each opens a WebSocket, and gives `onSocket` its socket. */
const CLIENTS = {
  ws(url, onSocket) {
    const webSocket = new PackageWebSocket(url, { rejectUnauthorized: false })
    webSocket.on('upgrade', ({ socket }) => onSocket(socket))
    return webSocket
  },
  global(url, onSocket) {
    subscribe('undici:client:connected', ({ socket }) => onSocket(socket))
    return new globalThis.WebSocket(url)
  },
}

/**
 * Opens a session, and reads its first response.
 * @param protocol whose messages they are; `frame` names one of realtime-server.mjs; `areApart`: each arrives alone;
 *   `client`: `ws`, or the `global` WebSocket.
 * @returns its socket, and how it is read:
 *   `readFrames(frames, onFrame)` asks for so many frames, calls `onFrame(count)` for each, and resolves when all have
 *   come; `readResponse()` asks for one more response, and resolves when it has come.
 */
export async function openSession({ origin, protocol, frame, areApart, client = 'ws' }) {
  let socket
  const url = `${origin.replace('http', 'ws')}${PATHS[protocol]}?model=${frame}`
  const webSocket = CLIENTS[client](url, (opened) => (socket = opened))
  let onMessage
  webSocket.addEventListener('message', ({ data }) => onMessage(data))
  const ask = (frames) => {
    const question = { type: 'response.create', setup: { model: 'models/voice' }, frames, areApart }
    webSocket.send(JSON.stringify(question))
  }
  const receiveResponse = () =>
    new Promise((resolve, reject) => {
      webSocket.addEventListener('error', reject, { once: true })
      onMessage = (message) => {
        if (JSON.parse(message).type === 'ready') resolve()
      }
    })
  await receiveResponse()
  return {
    socket,
    readFrames: (frames, onFrame = () => {}) =>
      new Promise((resolve) => {
        let count = 0
        onMessage = () => {
          onFrame(++count)
          if (count === frames) resolve()
        }
        ask(frames)
      }),
    readResponse: () => {
      ask(0)
      return receiveResponse()
    },
  }
}

/** One call reads that many frames. The session stays open. */
export const readFrames = (protocol, frame, framesPerCall) => (origin) => {
  const opening = openSession({ origin, protocol, frame })
  return async () => (await opening).readFrames(framesPerCall)
}
