/**
 * A rule as it is typed: texts by their place in the rule, spelled as the server spells places (`when.steps.1.query`), so
 * that what it refuses stands beside what was typed. Read from a rule, and made one again.
 */
import type { AlertSeverity } from '../api/alert-types.ts'
import { differencesOf } from './rule-difference.ts'
import { type ConditionKind, conditionKinds, type MemberSpec, membersOf } from './rule-kinds.ts'

export interface ListDraft {
  readonly name: string
  /** One value a line. */
  readonly values: string
}

export interface RuleDraft {
  readonly kind: ConditionKind
  readonly severity: AlertSeverity
  readonly texts: Readonly<Record<string, string>>
  readonly lists: readonly ListDraft[]
  /** Undefined: all that take its severity. */
  readonly channels: readonly string[] | undefined
}

const severities: readonly AlertSeverity[] = ['critical', 'warning', 'info']
const plainTexts = ['id', 'name', 'description', 'title', 'remedy', 'during.calendar', 'during.is'] as const

/** A new rule for a query. */
export function newDraft(query: string): RuleDraft {
  return draftOf({ severity: 'warning', when: { kind: 'match', query }, groupBy: [] })
}

/** What of a rule a form shows; whatever is not as a rule has it is left out. */
export function draftOf(rule: unknown): RuleDraft {
  const kind = conditionKinds.find((each) => each === at(rule, 'when.kind')) ?? 'match'
  const texts: Record<string, string> = {}
  const put = (path: string, text: string): void => {
    if (text !== '') texts[path] = text
  }
  for (const path of plainTexts) put(path, textOf(at(rule, path)))
  put('groupBy', listed(at(rule, 'groupBy')))
  for (const member of membersOf[kind]) {
    const path = `when.${member.name}`
    put(path, shownText(member, at(rule, path)))
  }
  if (kind === 'sequence') Object.assign(texts, stepTexts(rule))
  if (kind === 'deadline') putDue(rule, put)
  return {
    kind,
    severity: severities.find((each) => each === at(rule, 'severity')) ?? 'warning',
    texts,
    lists: listsIn(at(rule, 'lists')),
    channels: textsIn(at(rule, 'channels')),
  }
}

/** The rule that is typed, as the server takes it. What is no number where one is wanted goes as it is, and is refused. */
export function ruleOf(draft: RuleDraft): object {
  const { kind, severity, texts, lists, channels } = draft
  const text = (path: string): string => (texts[path] ?? '').trim()
  const title = text('title')
  return {
    id: text('id'),
    name: text('name'),
    description: text('description'),
    ...(title !== '' && { title }),
    remedy: text('remedy'),
    severity,
    when: { kind, ...conditionOf(draft, text) },
    groupBy: namesIn(text('groupBy')),
    ...(text('during.calendar') !== '' && {
      during: { calendar: text('during.calendar'), is: text('during.is') === 'inside' ? 'inside' : 'outside' },
    }),
    ...(lists.length > 0 && {
      lists: Object.fromEntries(lists.map(({ name, values }) => [name.trim(), linesIn(values)])),
    }),
    ...(channels !== undefined && { channels }),
  }
}

/** The draft with another condition: what both ask for stays, the rest begins as is usual. */
export function withKind(draft: RuleDraft, kind: ConditionKind): RuleDraft {
  const texts: Record<string, string> = { ...draft.texts }
  const query = texts['when.query'] ?? texts['when.steps.0.query'] ?? ''
  const kept = new Set(membersOf[draft.kind].map(({ name, form }) => `${form} ${name}`))
  for (const path of Object.keys(texts)) {
    if (path.startsWith('when.') && !isKept(path, kept, membersOf[kind])) delete texts[path]
  }
  for (const { name, form, start = '' } of membersOf[kind]) {
    const path = `when.${name}`
    texts[path] ??= form === 'query' && name === 'query' ? query : start
  }
  if (kind === 'sequence') Object.assign(texts, { 'when.steps.0.query': query, 'when.steps.1.query': '' })
  if (kind === 'deadline') Object.assign(texts, { 'when.due': 'after', 'when.due.after': '7d' })
  return { ...draft, kind, texts }
}

function isKept(path: string, kept: ReadonlySet<string>, next: readonly MemberSpec[]): boolean {
  return next.some(({ name, form }) => path === `when.${name}` && kept.has(`${form} ${name}`))
}

/** How many items of a list are typed: `when.steps`, `when.same`. */
export function countOf({ texts }: Pick<RuleDraft, 'texts'>, path: string): number {
  const places = Object.keys(texts).flatMap((each) => {
    const place = each.startsWith(`${path}.`) ? Number(each.slice(path.length + 1).split('.')[0]) : Number.NaN
    return Number.isInteger(place) ? [place + 1] : []
  })
  return Math.max(0, ...places)
}

/** The draft without one item of a list; those behind it move up. */
export function withoutItem(draft: RuleDraft, path: string, place: number): RuleDraft {
  const texts: Record<string, string> = {}
  for (const [each, text] of Object.entries(draft.texts)) {
    const [own = '', ...rest] = each.startsWith(`${path}.`) ? each.slice(path.length + 1).split('.') : []
    const old = Number(own)
    if (own === '' || old < place) texts[each] = text
    else if (old > place) texts[[path, old - 1, ...rest].join('.')] = text
  }
  return { ...draft, texts }
}

function conditionOf({ kind, texts }: RuleDraft, text: (path: string) => string): object {
  const members = membersOf[kind].flatMap((member): [string, unknown][] => {
    const value = text(`when.${member.name}`)
    return member.isOptional === true && value === '' ? [] : [[member.name, readText(member, value)]]
  })
  if (kind === 'sequence') {
    const steps = Array.from({ length: countOf({ texts }, 'when.steps') }, (_, i) => {
      const count = text(`when.steps.${i}.count`)
      return { query: text(`when.steps.${i}.query`), ...(count !== '' && { count: numberIn(count) }) }
    })
    const same = Array.from({ length: countOf({ texts }, 'when.same') }, (_, i) => [
      text(`when.same.${i}.0`),
      text(`when.same.${i}.1`),
    ])
    members.unshift(['steps', steps])
    if (same.length > 0) members.push(['same', same])
  }
  if (kind === 'deadline') {
    const due = text('when.due')
    members.push(['due', { [due]: text(`when.due.${due}`) }])
  }
  return Object.fromEntries(members)
}

function readText({ form }: MemberSpec, text: string): unknown {
  if (form === 'fields') return namesIn(text)
  if (form === 'whole' || form === 'number') return numberIn(text)
  if (form !== 'percent') return text
  const share = numberIn(text)
  // A share has no more digits than its percentage: 33.3 % is 0.333.
  return typeof share === 'number' ? Math.round(share * 1e6) / 1e8 : share
}

function shownText({ form }: MemberSpec, value: unknown): string {
  if (form === 'fields') return listed(value)
  return form === 'percent' && typeof value === 'number' ? String(Math.round(value * 1e8) / 1e6) : textOf(value)
}

/** Each step and pair has its texts, be they empty: otherwise there would be one less. */
function stepTexts(rule: unknown): Record<string, string> {
  const texts: Record<string, string> = {}
  for (const [i, step] of arrayIn(at(rule, 'when.steps')).entries()) {
    texts[`when.steps.${i}.query`] = textOf(at(step, 'query'))
    texts[`when.steps.${i}.count`] = textOf(at(step, 'count'))
  }
  for (const [i, pair] of arrayIn(at(rule, 'when.same')).entries()) {
    texts[`when.same.${i}.0`] = textOf(at(pair, '0'))
    texts[`when.same.${i}.1`] = textOf(at(pair, '1'))
  }
  return texts
}

function putDue(rule: unknown, put: (path: string, text: string) => void): void {
  const due = at(rule, 'when.due')
  const [name = 'after'] = typeof due === 'object' && due !== null ? Object.keys(due) : []
  put('when.due', name)
  put(`when.due.${name}`, textOf(at(due, name)))
}

function at(value: unknown, path: string): unknown {
  let found = value
  for (const name of path.split('.')) {
    if (typeof found !== 'object' || found === null || !Object.hasOwn(found, name)) return undefined
    found = Reflect.get(found, name)
  }
  return found
}

function textOf(value: unknown): string {
  return typeof value === 'string' || typeof value === 'number' ? String(value) : ''
}

function arrayIn(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : []
}

function textsIn(value: unknown): readonly string[] | undefined {
  return Array.isArray(value) ? value.map(textOf) : undefined
}

function listed(value: unknown): string {
  return arrayIn(value).map(textOf).join(', ')
}

function listsIn(value: unknown): readonly ListDraft[] {
  if (typeof value !== 'object' || value === null) return []
  return Object.entries(value).map(([name, values]) => ({ name, values: arrayIn(values).map(textOf).join('\n') }))
}

/** Names that stand apart by commas or spaces. */
export function namesIn(text: string): readonly string[] {
  return text.split(/[\s,]+/).filter((name) => name !== '')
}

function linesIn(text: string): readonly string[] {
  return text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '')
}

function numberIn(text: string): number | string {
  return /^-?\d+(?:\.\d+)?$/.test(text) ? Number(text) : text
}

/** Whether a form shows all of a rule that was written otherwise: if not, something would be lost by it. */
export function isWholeInForm(rule: object): boolean {
  return differencesOf(rule, ruleOf(draftOf(rule))).every(({ before }) => before === undefined)
}
