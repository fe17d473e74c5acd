/** What an alert says: one line, and a few sentences. Texts of events stand in them as they are: never markup. */
import type { Condition, Rule } from '@keywitness/tracker/alerts'
import { countText } from '../count-text.ts'
import type { Fired } from '../engine/messages.ts'

const titleMax = 200
const textMax = 1_000

export function titleOf(rule: Rule, { group }: Pick<Fired, 'group'>): string {
  if (rule.title !== undefined) {
    const valueOf = (field: string): string => {
      const found = group.find((one) => one.field === field)
      return found?.name ?? found?.value ?? ''
    }
    return cut(
      rule.title.replaceAll(/\{([^}]*)\}/g, (_written, field: string) => valueOf(field)),
      titleMax,
    )
  }
  const who = group.map(({ value, name }) => name ?? value).filter((value) => value !== '')
  return cut([rule.name, ...(who.length === 0 ? [] : [who.join(', ')])].join(': '), titleMax)
}

/** @param isOfMany the alert stands for many groups */
export function textOf(rule: Rule, fired: Fired, isOfMany = false): string {
  const many = isOfMany ? 'The rule raised too many alerts to tell each: the others are gathered in this one. ' : ''
  const said = fired.facts['text']
  const what = typeof said === 'string' ? said : wordsOf(rule.when, fired)
  const newest = fired.events.at(-1)
  const last = newest === undefined ? '' : ` ${fired.events.length > 1 ? 'The last: ' : ''}${newest.sentence}.`
  return cut(`${many}${what}${last}`.trim(), textMax)
}

function wordsOf(when: Condition, { count, facts }: Fired): string {
  switch (when.kind) {
    case 'match':
      return ''
    case 'count':
      return `${countText(count)} events within ${when.within}.`
    case 'distinct':
      return `${countText(count)} different values of ${when.of} within ${when.within}.`
    case 'ratio':
      return `${countText(count)} of ${factText(facts['of'] ?? 'all')} ${when.distinct === undefined ? 'events' : `values of ${when.distinct}`} within ${when.within}.`
    case 'absence':
      return `Nothing of the kind for ${when.within}.`
    case 'new':
      return `First seen in ${when.remember}: ${when.fields.join(', ')}.`
    case 'sequence':
      return `${when.steps.length} steps within ${when.within}.`
    case 'history':
      return `${countText(count)} events within ${when.per}${facts['expected'] === undefined ? '' : `, where ${factText(facts['expected'])} were to be expected`}.`
    case 'deadline':
      return typeof facts['due'] === 'number'
        ? `The term ends at ${new Date(facts['due']).toISOString().slice(0, 16)}Z.`
        : 'The term is over, or nearly.'
    case 'travel':
      return `Two places too far apart for the time between${facts['kilometres'] === undefined ? '' : `: ${factText(facts['kilometres'])} km`}.`
    case 'watch':
      return ''
  }
}

const factText = (fact: number | string): string => (typeof fact === 'number' ? countText(fact) : fact)

/** Shortened by whole characters, with a sign that something is missing. */
function cut(text: string, max: number): string {
  const plain = text.replaceAll(/[\p{Cc}\p{Zl}\p{Zp}\u202a-\u202e\u2066-\u2069]+/gu, ' ')
  if (plain.length <= max) return plain
  // Never within a surrogate pair.
  return `${plain.slice(0, max - 1).replace(/[\ud800-\udbff]$/, '')}…`
}
