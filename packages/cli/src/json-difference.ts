/** What changed between two values of JSON, one line for each change, by its path. */
import { printable, printableJson } from './printable.ts'

/** Lines such as `when.threshold: 5 → 10`; texts too long for one line have two. None when nothing changed. */
export function differenceLines(before: unknown, after: unknown, path = ''): string[] {
  if (printableJson(before ?? null) === printableJson(after ?? null)) return []
  if (isObject(before) && isObject(after)) {
    const names = [...new Set([...Object.keys(before), ...Object.keys(after)])]
    return names.flatMap((name) =>
      differenceLines(memberIn(before, name), memberIn(after, name), path === '' ? name : `${path}.${name}`),
    )
  }
  if (isList(before) && isList(after)) {
    const isOfTexts = [...before, ...after].every((one) => typeof one === 'string')
    if (isOfTexts) return listLines(before as string[], after as string[], path)
    if (before.length === after.length) {
      return before.flatMap((one, i) => differenceLines(one, after[i], `${path}.${i}`))
    }
  }
  const [was, is] = [before, after].map((value) => (value === undefined ? '(none)' : printableJson(value)))
  const name = printable(path)
  const line = `${name}: ${was ?? ''} → ${is ?? ''}`
  return line.length <= 78 ? [line] : [`${name}:`, `  - ${was ?? ''}`, `  + ${is ?? ''}`]
}

/** Of a list of texts, those that went and those that came; only their order when they are the same. */
function listLines(before: readonly string[], after: readonly string[], path: string): string[] {
  const gone = before.filter((one) => !after.includes(one)).map((one) => `  - ${printableJson(one)}`)
  const come = after.filter((one) => !before.includes(one)).map((one) => `  + ${printableJson(one)}`)
  const rest = gone.length + come.length === 0 ? ['  in another order'] : []
  return [`${printable(path)}:`, ...gone, ...come, ...rest]
}

/** By own members only: a rule from outside may have one called `constructor`. */
function memberIn(value: Readonly<Record<string, unknown>>, name: string): unknown {
  return Object.hasOwn(value, name) ? value[name] : undefined
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function isList(value: unknown): value is readonly unknown[] {
  return Array.isArray(value)
}
