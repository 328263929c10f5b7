/** https://github.com/zhipeng-jia/snappyjs: only what is used here. */
declare module 'snappyjs' {
  const snappy: { compress(bytes: Uint8Array): Uint8Array }
  export default snappy
}
