// A realtime session that is read through `ws`, some frames at a time.
import { WebSocket } from 'ws'

const PATHS = {
  openai: '/v1/realtime',
  gemini: '/ws/google.ai.generativelanguage.v1beta.GenerativeService.BidiGenerateContent',
}

/**
 * One call reads that many frames, and leaves the next ones to the server's patience. The session stays open.
 * @param protocol whose messages they are; `frame` names one of realtime-server.mjs.
 * @returns what opens it; `prepare` is given its socket.
 */
export const readFrames = (protocol, frame, framesPerCall) => (origin, prepare) => {
  const socket = new WebSocket(`${origin.replace('http', 'ws')}${PATHS[protocol]}?model=${frame}`)
  const opened = new Promise((resolve, reject) => socket.on('open', resolve).on('error', reject))
  socket.on('upgrade', (response) => prepare?.(response.socket))
  let readUpTo = 0
  let read = 0
  let onEnough = () => {}
  socket.on('message', () => {
    // What is in memory already comes even after a pause: the next call has so much less to read.
    if (++read !== readUpTo) return
    socket.pause()
    onEnough()
  })
  return async () => {
    await opened
    readUpTo += framesPerCall
    await new Promise((resolve) => {
      onEnough = resolve
      if (read >= readUpTo) resolve()
      else socket.resume()
    })
  }
}
