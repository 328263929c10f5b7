/** Colours and letters of the pictures. */
export const FONT = 'DejaVu Sans, Verdana, sans-serif'
export const PAPER = '#f4f5f7'
export const CARD = '#ffffff'
export const INK = '#24292e'
export const MUTED = '#6a737d'
export const LINE = '#dfe2e6'

/** In the order of the series. */
export const COLORS = [
  '#3274d9',
  '#e0722b',
  '#299c46',
  '#a352cc',
  '#e02f44',
  '#b8910a',
  '#0f9d9a',
  '#8f3bb8',
  '#6ca0f0',
  '#f2a06c',
  '#7ac48a',
  '#c78be6',
  '#f08090',
  '#d9b84a',
  '#5cc4c1',
  '#616e7c',
]

/** The named colours of thresholds. */
export const THRESHOLD_COLORS = {
  green: '#299c46',
  orange: '#e0722b',
  red: '#d11f35',
  blue: '#3274d9',
  text: INK,
} as const

/** About how wide words are; letters of the font are a little wider than half their size. */
export function textWidth(words: string, size: number): number {
  return words.length * size * 0.62
}
