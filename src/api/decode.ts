export interface Decoder {
  write(bytes: Buffer): void
  end(): Promise<'too_large' | 'undecodable' | undefined>
}
export function createDecoder(
  _encoding: string | undefined,
  _sink: (bytes: Buffer) => void,
): Decoder | undefined {
  return undefined
}
