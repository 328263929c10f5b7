/** Generated parts of a Markdown file: what stands between `<!-- name:start -->` and `<!-- name:end -->`. */

/** The text with the part called `name` replaced. Throws when the two markers are not there once each, in order. */
export function replacePart(text: string, name: string, content: string, file: string): string {
  const { from, to } = findPart(text, name, file)
  return `${text.slice(0, from)}\n${content.trim()}\n${text.slice(to)}`
}

/** What stands between the markers, without the space around it. */
export function readPart(text: string, name: string, file: string): string {
  const { from, to } = findPart(text, name, file)
  return text.slice(from, to).trim()
}

function findPart(text: string, name: string, file: string): { from: number; to: number } {
  const [start, end] = [`<!-- ${name}:start -->`, `<!-- ${name}:end -->`]
  const from = text.indexOf(start) + start.length
  const to = text.indexOf(end)
  if (text.split(start).length !== 2 || text.split(end).length !== 2 || to < from)
    throw new Error(`${file} must have ${start} and, after it, ${end}, once each`)
  return { from, to }
}
