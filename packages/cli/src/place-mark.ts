/** A line that somebody gave, with a mark below the place that is wrong. */

/** Characters shown of a line with a mark below it, and before the mark. */
const shownMax = 72
const beforeMax = 40

/** A line and a mark below the place at fault, both safe to print and cut to what a terminal shows in one line. */
export function markBelow(line: string, at: number, length: number): [shown: string, mark: string] {
  const from = line.length <= shownMax ? 0 : Math.max(0, Math.min(at - beforeMax, line.length - shownMax))
  // Whatever would move the mark is shown as one character, as the place counts it.
  const shown = line.slice(from, from + shownMax).replaceAll(/[^\u0020-\u007e]/g, '?')
  const start = at - from
  return [shown, ' '.repeat(start) + '^'.repeat(Math.max(1, Math.min(length, shown.length - start)))]
}
