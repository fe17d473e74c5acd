/** The kinds of conditions a rule can have, as a form asks for them: which members, of which form, and with what they begin. */
import type { Condition } from '../api/alert-types.ts'

export type ConditionKind = Condition['kind']

/** In the order of docs/reference/rules.md. */
export const conditionKinds: readonly ConditionKind[] = [
  'match',
  'count',
  'distinct',
  'ratio',
  'absence',
  'new',
  'sequence',
  'history',
  'deadline',
  'travel',
  'watch',
]

export type MemberForm = 'query' | 'duration' | 'whole' | 'number' | 'percent' | 'field' | 'fields' | 'watched'

/** A member of a condition. */
export interface MemberSpec {
  readonly name: string
  readonly form: MemberForm
  /** Bounds of a number; of a percentage those of the percentage. */
  readonly least?: number
  readonly most?: number
  /** What it is when nobody says otherwise; nothing for what has to be said. */
  readonly start?: string
  readonly isOptional?: true
}

export const watched = ['checkpoint', 'engine', 'channel', 'dead-rule'] as const
export const dues = ['after', 'field', 'months'] as const
/** Steps of a sequence, pairs of fields, lists, fields of a group: the bounds of docs/reference/rules.md. */
export const stepsMax = 5
export const pairsMax = 8
export const listsMax = 8
export const groupFieldsMax = 4
const newFieldsMax = 3
const thresholdMax = 10_000
const historyMax = 1_000_000_000

const query = (name = 'query'): MemberSpec => ({ name, form: 'query' })
const duration = (name: string, start: string): MemberSpec => ({ name, form: 'duration', start })
const whole = (name: string, least: number, most: number, start: string): MemberSpec => ({
  name,
  form: 'whole',
  least,
  most,
  start,
})
const optional = ({ name, form, least, most }: MemberSpec): MemberSpec => ({
  name,
  form,
  isOptional: true,
  ...(least !== undefined && { least }),
  ...(most !== undefined && { most }),
})
const threshold = whole('threshold', 2, thresholdMax, '10')

/** Steps and pairs of a sequence, and the term of a deadline, are asked for by fields of their own. */
export const membersOf: { readonly [Kind in ConditionKind]: readonly MemberSpec[] } = {
  match: [query()],
  count: [query(), threshold, duration('within', '10m')],
  distinct: [query(), { name: 'of', form: 'field' }, threshold, duration('within', '1h')],
  ratio: [
    query(),
    query('of'),
    { name: 'share', form: 'percent', least: 0, most: 100, start: '50' },
    whole('least', 1, thresholdMax, '20'),
    duration('within', '1h'),
    optional(duration('ofWithin', '')),
    { name: 'distinct', form: 'field', isOptional: true },
  ],
  absence: [query(), duration('within', '1d')],
  new: [
    query(),
    { name: 'fields', form: 'fields', most: newFieldsMax, start: 'initiator.id' },
    duration('remember', '30d'),
    duration('learn', '7d'),
    optional(whole('volume', 1, 1_000, '')),
  ],
  sequence: [duration('within', '1h')],
  history: [
    query(),
    duration('per', '1h'),
    whole('periods', 2, 1_000, '168'),
    whole('learn', 1, 1_000, '72'),
    { name: 'quantile', form: 'percent', least: 0, most: 100, start: '99', isOptional: true },
    { name: 'deviations', form: 'number', least: 0, most: 100, isOptional: true },
    optional(whole('most', 1, historyMax, '')),
    whole('least', 0, historyMax, '10'),
  ],
  deadline: [query(), query('unless'), optional(duration('before', ''))],
  travel: [
    query(),
    { name: 'speed', form: 'number', least: 0, most: 100_000, start: '900' },
    { name: 'least', form: 'number', least: 0, most: 20_000, start: '500' },
  ],
  watch: [{ name: 'of', form: 'watched', start: 'checkpoint' }, duration('beyond', '1m')],
}
