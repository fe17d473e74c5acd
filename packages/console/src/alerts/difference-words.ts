/** What differs between two rules or two calendars in the words of their forms: what a member is called, what its values are. */
import type { TFunction } from 'i18next'
import { weekdays } from './calendar-draft.ts'
import type { MemberDifference } from './rule-difference.ts'
import { conditionKinds, dues, membersOf, watched } from './rule-kinds.ts'
import { alertSeverities } from './search.ts'

type Words = TFunction<'alerts'>

interface DifferenceWords {
  readonly label: string
  /** Undefined where nothing is there. */
  readonly before: string | undefined
  readonly after: string | undefined
  /** Whether its values are written as the query language has them. */
  readonly isCode: boolean
}

type ValueWords = (written: string | undefined) => string | undefined

/** What is written in a form, and how its values are told; as they are, where nothing else is said. */
interface Told {
  readonly label: string
  readonly value?: ValueWords
  readonly isCode?: boolean
}

export function differenceWords(difference: MemberDifference, t: Words): DifferenceWords {
  // What a file brings need be no member of a rule; the server has the last word on it.
  const told = toldOf(difference, t) ?? { label: difference.path, isCode: true }
  const { label, value = (written) => written, isCode = false } = told
  const side = (written: string | undefined): string | undefined => value(written) || undefined
  return { label, before: side(difference.before), after: side(difference.after), isCode }
}

/** The members alone, for a line. */
export function changedMembers(differences: readonly MemberDifference[], t: Words): string {
  return differences.map((difference) => differenceWords(difference, t).label).join(' · ')
}

function toldOf({ path, kind }: MemberDifference, t: Words): Told | undefined {
  const [first = '', ...rest] = path.split('.')
  if (first === 'when') return conditionTold(rest, kind, t)
  if (first === 'lists') return { label: t('difference.list', { name: rest.join('.') }), isCode: true }
  if (first === 'hours') {
    const day = weekdays.find((each) => each === rest[0])
    return day === undefined ? undefined : { label: t(`weekday.${day}`), value: (text) => text || t('calendar.closed') }
  }
  return plainTold(path, t)
}

function plainTold(path: string, t: Words): Told | undefined {
  switch (path) {
    case 'id':
    case 'name':
      return { label: t(`form.${path}`) }
    case 'severity':
      return { label: t('rule.severity'), value: oneOf(alertSeverities, (each) => t(`severity.${each}`)) }
    case 'description':
    case 'remedy':
    case 'title':
      return { label: t(`rule.${path}`) }
    case 'groupBy':
      return { label: t('rule.groupBy'), isCode: true }
    case 'during.calendar':
      return { label: t('rule.during'), value: (calendar) => calendar ?? t('rule.always') }
    case 'during.is':
      return { label: t('rule.duringIs'), value: oneOf(['inside', 'outside'], (each) => t(`rule.${each}`)) }
    case 'channels':
      return {
        label: t('rule.tells'),
        value: (names) => (names === undefined ? t('rule.tellsAll') : names || t('rule.tellsNobody')),
      }
    case 'zone':
      return { label: t('calendar.zone') }
    case 'holidays':
      return { label: t('calendar.holidays') }
    default:
      return undefined
  }
}

function conditionTold(path: readonly string[], kindName: string | undefined, t: Words): Told | undefined {
  const [name, place, own] = path
  if (name === 'kind') return { label: t('rule.kind'), value: oneOf(conditionKinds, (each) => t(`kind.${each}`)) }
  if (name === 'same') return { label: t('difference.same'), isCode: true }
  if (name === 'steps' && (own === 'query' || own === 'count')) {
    return { label: t(`steps.${own}`, { number: Number(place) + 1 }), isCode: own === 'query' }
  }
  if (name === 'due') {
    const due = dues.find((each) => each === place)
    return due === undefined ? undefined : { label: t(`due.value.${due}`), isCode: due !== 'after' }
  }
  const kind = conditionKinds.find((each) => each === kindName)
  const member = kind === undefined ? undefined : membersOf[kind].find((each) => each.name === name)
  if (member === undefined || path.length > 1) return undefined
  const label = t(`member.${kind}.${member.name}` as 'member.match.query')
  if (member.form === 'percent') return { label, value: percent }
  if (member.form === 'watched') return { label, value: oneOf(watched, (each) => t(`watched.${each}`)) }
  return { label, isCode: member.form === 'query' || member.form === 'field' || member.form === 'fields' }
}

/** The word for one of a few values; what is none of them stays as it is. */
function oneOf<Value extends string>(values: readonly Value[], word: (value: Value) => string): ValueWords {
  return (written) => {
    const known = values.find((each) => each === written)
    return known === undefined ? written : word(known)
  }
}

/** A share as its form asks for it. */
function percent(share: string | undefined): string | undefined {
  return share === undefined || Number.isNaN(Number(share)) ? share : String(Math.round(Number(share) * 1e8) / 1e6)
}
