/** Written by the build: there is no such file before it. */
declare module '*/dist/bundled/files.cjs' {
  const files: import('./bundled.ts').BundledFiles
  export default files
}
