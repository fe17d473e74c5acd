/** What can stand at the caret of a query: fields by name, and values of the field at hand. */
import {
  type ActionWords,
  type QueryField,
  type Token,
  queryField,
  queryFields,
  shortFields,
  tokensOf,
} from '@keywitness/cadf'
import { writtenValue } from './query-text.ts'
import { outcomes, severities } from './search.ts'

/** Replaces a piece of the text. */
export interface Completion {
  readonly from: number
  readonly to: number
  readonly insert: string
  /** As it is shown; `insert` without its space when not given. */
  readonly label?: string
  /** What it means, in words of the catalogue or of the language's reference. */
  readonly detail?: string | undefined
}

export interface KnownValue {
  readonly value: string
  readonly name?: string | undefined
}

export interface QueryKnowledge {
  readonly catalogue: readonly ActionWords[]
  /** Values of a field that were seen, the most frequent first. */
  readonly valuesOf: (field: QueryField) => readonly KnownValue[]
  /** What signs before a value mean: `==`, `>=`, `*`. */
  readonly signs: { readonly [Sign in '==' | '>=' | '<' | '*']: string }
}

const completionsMax = 8
const times = ['-15m', '-1h', '-24h', '-7d', 'today', 'yesterday', 'last-night', 'last-week']
const listed: { readonly [field: string]: readonly string[] } = {
  outcome: outcomes,
  severity: severities,
  change: ['looser', 'stricter', 'other'],
  code: ['4xx', '5xx'],
}

export function completeQuery(text: string, caret: number, known: QueryKnowledge): readonly Completion[] {
  const typed = typedAt(text.slice(0, caret))
  if (typed === undefined) return []
  const rest = /^[^\s()"\],]*/.exec(text.slice(caret))?.[0].length ?? 0
  const place = { from: typed.from, to: caret + rest }
  if (typed.field === undefined) return fieldsFor(typed.partial, place)
  const field = queryField(typed.field)
  if (field === undefined) return []
  const signs = typed.partial === '' && typed.isBare ? signsFor(field, place, known) : []
  return [...valuesFor(field, typed.partial, place, known), ...signs].slice(0, completionsMax)
}

interface Typed {
  /** Where what is typed begins. */
  readonly from: number
  readonly partial: string
  /** Whose value it is; undefined for a word that may become a field. */
  readonly field?: string
  /** Whether nothing stands between the field and the caret. */
  readonly isBare: boolean
}

/** What stands just before the caret. */
function typedAt(before: string): Typed | undefined {
  const quote = /([A-Za-z][\w.-]*):(?:===|==|=)?("[^"]*)$/.exec(before)
  if (quote !== null) {
    const [, field = '', partial = ''] = quote
    return { from: before.length - partial.length, partial: partial.slice(1), field, isBare: false }
  }
  const tokens = tokensBefore(before)
  const last = tokens.at(-1)
  if (last === undefined || last.at + last.length < before.length) return undefined
  if (last.kind === 'field') return { from: before.length, partial: '', field: last.name, isBare: true }
  const owner = ownerOf(tokens)
  if (last.kind === 'operator' || last.kind === '[' || last.kind === ',') {
    return owner === undefined ? undefined : { from: before.length, partial: '', field: owner, isBare: false }
  }
  if (last.kind !== 'text') return undefined
  return { from: last.at, partial: last.text, isBare: false, ...(owner !== undefined && { field: owner }) }
}

function tokensBefore(text: string): readonly Token[] {
  try {
    return tokensOf(text)
  } catch {
    return []
  }
}

/** The field whose value the last token is or begins. */
function ownerOf(tokens: readonly Token[]): string | undefined {
  for (let i = tokens.length - 1; i >= 0; i--) {
    const token = tokens[i]
    const next = tokens[i + 1]
    if (token?.kind === 'field') return token.name
    if (token?.kind === 'text' && next !== undefined && next.kind !== ',' && next.kind !== ']') return undefined
    if (token?.kind !== 'text' && token?.kind !== 'operator' && token?.kind !== '[' && token?.kind !== ',')
      return undefined
    if (token.kind === 'text' && i < tokens.length - 1 && next?.kind === ']') return undefined
  }
  return undefined
}

type Place = Pick<Completion, 'from' | 'to'>

function fieldsFor(partial: string, place: Place): readonly Completion[] {
  const wanted = partial.toLowerCase()
  const starting = [...shortFields, ...(partial.length > 2 ? queryFields().slice(shortFields.length) : [])]
  return starting
    .filter(({ name }) => name.toLowerCase().startsWith(wanted))
    .slice(0, completionsMax)
    .map(({ name, meaning }) => ({ ...place, insert: `${name}:`, detail: meaning }))
}

function signsFor({ kind }: QueryField, place: Place, { signs }: QueryKnowledge): readonly Completion[] {
  const isOrdered = kind === 'number' || kind === 'time' || kind === 'severity'
  const usual = isOrdered ? (['>=', '<', '*'] as const) : kind === 'boolean' ? [] : (['==', '*'] as const)
  return usual.map((sign) => ({ ...place, insert: sign === '*' ? '* ' : sign, label: sign, detail: signs[sign] }))
}

function valuesFor(field: QueryField, partial: string, place: Place, known: QueryKnowledge): readonly Completion[] {
  const wanted = partial.toLowerCase()
  const isIt = ({ value, name = '' }: KnownValue): boolean =>
    value.toLowerCase().includes(wanted) || name.toLowerCase().includes(wanted)
  return candidates(field, known)
    .filter((each) => isIt(each) && (wanted !== '' || field.kind !== 'action'))
    .slice(0, completionsMax)
    .map(({ value, name }) => ({
      ...place,
      insert: `${writtenValue(value)} `,
      ...(name !== undefined && name !== '' && { detail: name }),
    }))
}

function candidates(field: QueryField, known: QueryKnowledge): readonly KnownValue[] {
  if (field.kind === 'action') return known.catalogue.map(({ action, title }) => ({ value: action, name: title }))
  if (field.kind === 'boolean') return [{ value: 'true' }, { value: 'false' }]
  if (field.kind === 'time') return times.map((value) => ({ value }))
  const fixed = (listed[field.name] ?? []).map((value) => ({ value }))
  const seen = known.valuesOf(field).filter(({ value }) => !fixed.some((each) => each.value === value))
  return [...fixed, ...seen]
}
