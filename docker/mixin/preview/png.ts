/** SVG → PNG, without a browser. */
import { Resvg } from '@resvg/resvg-js'

import { PAPER } from './style.ts'

const WIDTH_PIXELS = 1200

/** Letters come from the fonts of the system (Debian: fonts-dejavu-core); without any there are none. */
export function toPng(svg: string): Buffer {
  const picture = new Resvg(svg, {
    background: PAPER,
    fitTo: { mode: 'width', value: WIDTH_PIXELS },
    font: { loadSystemFonts: true, defaultFontFamily: 'DejaVu Sans' },
  })
  return picture.render().asPng()
}
