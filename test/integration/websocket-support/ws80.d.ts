declare module 'ws80' {
  export { WebSocket } from 'ws'
}
