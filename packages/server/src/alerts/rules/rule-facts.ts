/** What events say of rules and calendars: before and after, as canonical JSON. */
import { hash } from 'node:crypto'
import { canonicalJson } from '@keywitness/cadf'
import type { Calendar, Rule } from '@keywitness/tracker/alerts'

type Side = 'initialValue' | 'newValue'

/** A rule without its lists, which may be long: of them the hash. */
export function ruleFacts<const S extends Side>(
  side: S,
  rule: Rule | null | undefined,
): { [name in `${S}.rule` | `${S}.lists`]?: string } {
  if (rule === null || rule === undefined) return {}
  const { lists, ...plain } = rule
  const hasLists = lists !== undefined && Object.keys(lists).length > 0
  return {
    [`${side}.rule`]: canonicalJson(plain),
    ...(hasLists ? { [`${side}.lists`]: hash('sha256', canonicalJson(lists)) } : {}),
  } as { [name in `${S}.rule` | `${S}.lists`]?: string }
}

export function calendarFacts<const S extends Side>(
  side: S,
  calendar: Calendar | undefined,
): { [name in `${S}.calendar`]?: string } {
  if (calendar === undefined) return {}
  const text = canonicalJson(calendar)
  return { [`${side}.calendar`]: text } as { [name in `${S}.calendar`]?: string }
}

/** Whether two rules are the same rule. */
export function isSameRule(a: Rule, b: Rule): boolean {
  return canonicalJson(a) === canonicalJson(b)
}
