/** Removes the comments of an event stream: servers send any number of them to keep a connection open. */
import { CARRIAGE_RETURN, LINE_FEED, Occurrences } from './event-scan.ts'
import { COLON } from './json.ts'

/** The state of an event stream before some bytes. */
export interface StreamPosition {
  readonly isAtLineStart: boolean
  /** The line before ended in a carriage return: a line feed now is part of that end. */
  readonly isAfterReturn: boolean
  /** No event is open. */
  readonly isBetweenEvents: boolean
}

/**
 * Removes the comments of `bytes[0, size)` in place, and returns the new size. The blank line after a comment is removed
 * too when no event is open. Of a comment that has not ended the colon stays, so that its rest is still a comment.
 */
export function dropComments(bytes: Buffer, size: number, start: StreamPosition): number {
  const { isAtLineStart, isAfterReturn, isBetweenEvents } = start
  if (!hasComment(bytes, size, isAtLineStart)) return size
  const lineFeeds = new Occurrences(bytes, '\n')
  const returns = new Occurrences(bytes, '\r')
  let isClosed = isBetweenEvents
  let from = isAtLineStart ? 0 : lineEnd(bytes, 0, size, lineFeeds, returns)
  if (isAfterReturn && bytes[0] === LINE_FEED) from = 1
  let kept = from
  while (from < size) {
    const end = lineEnd(bytes, from, size, lineFeeds, returns)
    const first = bytes[from]
    const isComment = first === COLON
    const isBlank = first === LINE_FEED || first === CARRIAGE_RETURN
    if (isComment && !hasEnded(bytes, end, size)) {
      bytes[kept++] = COLON
      if (bytes[end - 1] === CARRIAGE_RETURN) bytes[kept++] = CARRIAGE_RETURN
    } else if (!isComment && !(isBlank && isClosed)) {
      bytes.copyWithin(kept, from, end)
      kept += end - from
      isClosed = isBlank
    }
    from = end
  }
  return kept
}

function hasComment(bytes: Buffer, size: number, isAtLineStart: boolean): boolean {
  if (isAtLineStart && size > 0 && bytes[0] === COLON) return true
  return (
    isBefore(bytes.indexOf('\n:', 0, 'latin1'), size) || isBefore(bytes.indexOf('\r:', 0, 'latin1'), size)
  )
}

function isBefore(found: number, size: number): boolean {
  return found >= 0 && found + 1 < size
}

/** The position after the line at `from` and the line feed, carriage return or both that end it. */
function lineEnd(
  bytes: Buffer,
  from: number,
  size: number,
  lineFeeds: Occurrences,
  returns: Occurrences,
): number {
  const lineFeed = lineFeeds.next(from)
  const end = Math.min(lineFeed, returns.next(from)) + 1
  // A carriage return and the line feed right behind it end one line.
  return Math.min(lineFeed === end && bytes[end - 1] === CARRIAGE_RETURN ? end + 1 : end, size)
}

/** Whether the line before `end` has ended for sure: after a carriage return, a line feed may follow. */
function hasEnded(bytes: Buffer, end: number, size: number): boolean {
  const last = bytes[end - 1]
  return last === LINE_FEED || (last === CARRIAGE_RETURN && end < size)
}
