/** What is wrong with a rule that is typed, found before anything is sent; the server has the last word. */
import { type QueryError, queryField } from '@keywitness/cadf'
import type { ApiError } from '../api/problem.ts'
import { faultOf } from '../trail/query-text.ts'
import { countOf, namesIn, type RuleDraft } from './rule-draft.ts'
import { groupFieldsMax, type MemberSpec, membersOf } from './rule-kinds.ts'
import { idForm } from './setup-id.ts'

/** Of one place: in words of the page (`code`, with what they name), or of the server (`said`). */
export type Fault =
  | { readonly code: FaultCode; readonly least?: number; readonly most?: number; readonly name?: string }
  | { readonly said: string }

type FaultCode = 'needed' | 'id' | 'duration' | 'whole' | 'number' | 'field' | 'query' | 'tooMany' | 'oneOf'

export type Faults = ReadonlyMap<string, Fault>

const durationForm = /^[1-9]\d{0,8}[smhdw]$/

export function faultsOf(draft: RuleDraft): Faults {
  const faults = new Map<string, Fault>()
  const text = (path: string): string => (draft.texts[path] ?? '').trim()
  const put = (path: string, fault: Fault | undefined): void => {
    if (fault !== undefined) faults.set(path, fault)
  }
  put('id', idForm.test(text('id')) ? undefined : { code: text('id') === '' ? 'needed' : 'id' })
  put('name', text('name') === '' ? { code: 'needed' } : undefined)
  for (const member of membersOf[draft.kind]) {
    const path = `when.${member.name}`
    put(path, memberFault(member, text(path)))
  }
  put('groupBy', fieldsFault(text('groupBy'), groupFieldsMax))
  if (draft.kind === 'history' && ['quantile', 'deviations', 'most'].every((name) => text(`when.${name}`) === '')) {
    put('when.quantile', { code: 'oneOf' })
  }
  if (draft.kind === 'sequence') sequenceFaults(draft, text, put)
  if (draft.kind === 'deadline') {
    const due = text('when.due')
    const form = due === 'after' ? 'duration' : 'field'
    put(`when.due.${due}`, memberFault({ name: due, form }, text(`when.due.${due}`)))
  }
  return faults
}

function sequenceFaults(
  draft: RuleDraft,
  text: (path: string) => string,
  put: (path: string, fault: Fault | undefined) => void,
): void {
  for (let i = 0; i < countOf(draft, 'when.steps'); i++) {
    const count = `when.steps.${i}.count`
    put(`when.steps.${i}.query`, memberFault({ name: 'query', form: 'query' }, text(`when.steps.${i}.query`)))
    put(count, memberFault({ name: 'count', form: 'whole', least: 1, most: 1_000, isOptional: true }, text(count)))
  }
  for (let i = 0; i < countOf(draft, 'when.same'); i++) {
    for (const side of [0, 1]) {
      const path = `when.same.${i}.${side}`
      put(path, memberFault({ name: 'same', form: 'field' }, text(path)))
    }
  }
}

function memberFault(member: MemberSpec, text: string): Fault | undefined {
  const { form, least = 0, most = Number.MAX_SAFE_INTEGER, isOptional } = member
  if (text === '') return isOptional === true ? undefined : { code: 'needed' }
  switch (form) {
    case 'duration':
      return durationForm.test(text) ? undefined : { code: 'duration' }
    case 'whole':
      return /^\d+$/.test(text) && isWithin(text, least, most) ? undefined : { code: 'whole', least, most }
    case 'number':
    case 'percent':
      return /^\d+(?:\.\d+)?$/.test(text) && isWithin(text, least, most) ? undefined : { code: 'number', least, most }
    case 'query':
      return queryFault(text) !== undefined ? { code: 'query' } : undefined
    case 'field':
      return fieldsFault(text, 1)
    case 'fields':
      return fieldsFault(text, most)
    default:
      return undefined
  }
}

function isWithin(text: string, least: number, most: number): boolean {
  return Number(text) >= least && Number(text) <= most
}

/** Fields that are of an event's place in a rule, and not of its own. */
const ownFields = new Set(['producer', 'country', 'network'])

function fieldsFault(text: string, most: number): Fault | undefined {
  const names = namesIn(text)
  if (names.length > most) return { code: 'tooMany', most }
  const unknown = names.find((name) => queryField(name) === undefined && !ownFields.has(name))
  return unknown === undefined ? undefined : { code: 'field', name: unknown }
}

/** Why a query cannot be read, and where. A list of the rule stands for its values: `key:==$canaries`. */
export function queryFault(query: string): QueryError | undefined {
  return faultOf(query.replaceAll(/\$[A-Za-z][\w-]*/g, (name) => '0'.repeat(name.length)))
}

/**
 * Where the server says that something is wrong: at the place of the form that holds it, or at none, which is the whole.
 *
 * @param places those that the form shows
 */
export function faultOfRefusal(
  { at, message }: Pick<ApiError, 'at' | 'message'>,
  places: readonly string[],
): readonly [place: string, fault: Fault] | undefined {
  if (at === undefined) return undefined
  const path = at.name.replace(/^rule\.?/, '')
  const said = message.startsWith(`${at.name}: `) ? message.slice(at.name.length + 2) : message
  const holding = places
    .filter((place) => place === path || path.startsWith(`${place}.`))
    .toSorted((a, b) => b.length - a.length)[0]
  return [holding ?? '', { said: holding === undefined && path !== '' ? `${path}: ${said}` : said }]
}

/** The places that a form shows for a draft. */
export function placesOf(draft: RuleDraft): readonly string[] {
  const items = (path: string, names: readonly (string | number)[]): string[] =>
    Array.from({ length: countOf(draft, path) }, (_, i) => names.map((name) => `${path}.${i}.${name}`)).flat()
  const due = draft.texts['when.due'] ?? 'after'
  return [
    'id',
    'name',
    'description',
    'title',
    'remedy',
    'groupBy',
    'during',
    'lists',
    'channels',
    ...membersOf[draft.kind].map(({ name }) => `when.${name}`),
    ...(draft.kind === 'sequence' ? [...items('when.steps', ['query', 'count']), ...items('when.same', [0, 1])] : []),
    ...(draft.kind === 'deadline' ? [`when.due.${due}`] : []),
  ]
}
