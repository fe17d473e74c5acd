/** Rules and calendars in a file, in the form that `keywitness rules export` writes: read, and compared with those there are. */
import { canonicalJson } from '@keywitness/cadf'
import type { Calendar, RuleView } from '../api/alert-types.ts'
import { lineOf, placeOf, readJson } from './json-places.ts'
import { differencesOf, type MemberDifference } from './rule-difference.ts'
import { idForm } from './setup-id.ts'

export const fileFormat = 'keywitness-rules/1'

export interface FileItem {
  readonly kind: 'rule' | 'calendar'
  readonly id: string
  readonly name: string
  /** As the file has it; what a rule may be is the server's to say. */
  readonly wanted: { readonly id: string }
  /** Of a rule. */
  readonly isOn: boolean
  /** Where it stands: `rules.3.rule`. */
  readonly path: string
}

export interface FileFault {
  readonly code: 'notJson' | 'format' | 'rules' | 'item' | 'twice'
  readonly line: number
  /** That stands there twice. */
  readonly id?: string
}

export type FileReading =
  | {
      readonly items: readonly FileItem[]
      /** Of a member of the file, such as `rules.3.rule.when.query`. */
      readonly lineAt: (path: string) => number
    }
  | { readonly faults: readonly [FileFault, ...FileFault[]] }

/** What somebody is shown before anything is saved. */
export interface PlannedItem extends FileItem {
  readonly change: 'new' | 'differs' | 'same'
  readonly differences: readonly MemberDifference[]
  /** The version that a changed rule follows. */
  readonly version: number | undefined
  /** What saving it does besides. */
  readonly turns: 'on' | 'off' | undefined
}

/** Calendars come first: rules may name them. */
export function readRulesFile(text: string): FileReading {
  const reading = readJson(text)
  if ('fault' in reading) return { faults: [{ code: 'notJson', line: lineOf(text, reading.fault.from) }] }
  const { value, places } = reading
  const lineAt = (path: string): number => lineOf(text, placeOf(places, path).from)
  const [rules, calendars] = [memberOf(value, 'rules'), memberOf(value, 'calendars') ?? []]
  if (memberOf(value, 'format') !== fileFormat) return { faults: [{ code: 'format', line: lineAt('format') }] }
  if (!Array.isArray(rules) || !Array.isArray(calendars)) {
    return { faults: [{ code: 'rules', line: lineAt('rules') }] }
  }
  const found = [
    ...calendars.map((wanted: unknown, i) => itemOf('calendar', wanted, false, `calendars.${i}`)),
    ...rules.map((one: unknown, i) =>
      itemOf('rule', memberOf(one, 'rule'), memberOf(one, 'enabled') === true, `rules.${i}.rule`),
    ),
  ]
  const items = found.filter((item) => typeof item !== 'string')
  const malformed = found.filter((item) => typeof item === 'string')
  const twice = items.filter(({ kind, id }, i) => items.findIndex((each) => each.kind === kind && each.id === id) < i)
  const [first, ...more] = [
    ...malformed.map((path): FileFault => ({ code: 'item', line: lineAt(path) })),
    ...twice.map(({ path, id }): FileFault => ({ code: 'twice', line: lineAt(path), id })),
  ].toSorted((a, b) => a.line - b.line)
  return first === undefined ? { items, lineAt } : { faults: [first, ...more] }
}

export function planOf(
  items: readonly FileItem[],
  rules: readonly RuleView[],
  calendars: readonly Calendar[],
): readonly PlannedItem[] {
  return items.map((item) => {
    const view = item.kind === 'rule' ? rules.find(({ rule }) => rule.id === item.id) : undefined
    const before = item.kind === 'rule' ? view?.rule : calendars.find(({ id }) => id === item.id)
    const isSame = before !== undefined && isSameJson(before, item.wanted)
    const turns = item.kind === 'rule' ? turnOf(item.isOn, view, isSame) : undefined
    return {
      ...item,
      change: before === undefined ? 'new' : isSame && turns === undefined ? 'same' : 'differs',
      differences: before === undefined || isSame ? [] : differencesOf(before, item.wanted),
      version: view?.version,
      turns,
    }
  })
}

/** One that waits for something it needs would be refused again; it stays off as the import of the server leaves it. */
function turnOf(isOn: boolean, view: RuleView | undefined, isSame: boolean): PlannedItem['turns'] {
  const state = view?.state ?? 'off'
  const isOnNow = state === 'on' || state === 'learning'
  if (isOn === isOnNow || (isSame && state === 'needs')) return undefined
  return isOn ? 'on' : 'off'
}

/** Gives the path of what is none. */
function itemOf(kind: FileItem['kind'], wanted: unknown, isOn: boolean, path: string): FileItem | string {
  const [id, name] = [memberOf(wanted, 'id'), memberOf(wanted, 'name')]
  if (typeof wanted !== 'object' || wanted === null || typeof id !== 'string' || !idForm.test(id)) return path
  return { kind, id, name: typeof name === 'string' ? name : id, wanted: { ...wanted, id }, isOn, path }
}

function isSameJson(one: object, other: object): boolean {
  try {
    return canonicalJson(one) === canonicalJson(other)
  } catch {
    // What has no canonical form the server has not.
    return false
  }
}

function memberOf(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null && Object.hasOwn(value, name)
    ? Reflect.get(value, name)
    : undefined
}
