/** Tokens by modality, as the rewritten GenAI conventions count them. */
import type { Usage } from '../types.ts'
import { traitsOf } from './operations.ts'

export type Modality = 'text' | 'image' | 'audio' | 'video' | 'unknown'

const SPLIT = ['text', 'image', 'audio', 'video'] as const
const PARTS = {
  input: SPLIT.map((modality) => [modality, `input_${modality}`] as const),
  output: SPLIT.map((modality) => [modality, `output_${modality}`] as const),
}

/** Splits `total`. What no detail covers has the usual modality; all is `unknown` when the details exceed the total. */
export function splitByModality(
  direction: 'input' | 'output',
  total: number,
  details: Usage['details'],
  operation: string,
): (readonly [Modality, number])[] {
  const tokens = new Map<Modality, number>()
  let rest = total
  for (const [modality, detail] of PARTS[direction]) {
    const part = details?.[detail] ?? 0
    if (part <= 0) continue
    tokens.set(modality, part)
    rest -= part
  }
  if (rest < 0) return [['unknown', total]]
  const { modality: usual } = traitsOf(operation)
  if (rest > 0 || tokens.size === 0) tokens.set(usual, (tokens.get(usual) ?? 0) + rest)
  return [...tokens]
}

/** The modality of a part that is not split itself (cached, reasoning): that of the whole, if it has just one. */
export function modalityOfPart(parts: readonly (readonly [Modality, number])[]): Modality {
  const [only] = parts
  return only !== undefined && parts.length === 1 ? only[0] : 'unknown'
}
