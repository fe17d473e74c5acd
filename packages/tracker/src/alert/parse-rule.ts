/** Reads a rule as it comes from outside, and tells what keeps one from being turned on. */
import { canonicalJson } from '@keywitness/cadf'
import * as limits from './limits.ts'
import { listName, listsIn } from './listed-query.ts'
import { idAt, listAt, MemberReader, refuseTwice, textAt } from './member-reader.ts'
import { fieldAt, parseCondition } from './parse-condition.ts'
import { alertSeverities, type Condition, type Rule, type RuleField, type RuleQuery } from './rule.ts'
import { RuleError } from './rule-error.ts'
import { compileQuery } from './rule-query.ts'
import { needsLocation } from './rule-field.ts'

const members = [
  'id',
  'name',
  'description',
  'title',
  'remedy',
  'severity',
  'when',
  'groupBy',
  'during',
  'lists',
  'channels',
] as const

/**
 * A rule, checked in every bound; members in one order, fields spelled as everywhere.
 *
 * @throws RuleError and nothing else
 */
export function parseRule(value: unknown): Rule {
  const from = new MemberReader(value, '', members)
  const lists = from.has('lists') ? listsOf(from.raw('lists')) : undefined
  const groupBy = from.list('groupBy', 0, limits.groupFieldsMax, fieldAt)
  refuseTwice(groupBy, 'groupBy')
  const channels = from.has('channels') ? from.list('channels', 0, limits.channelsMax, idAt) : undefined
  refuseTwice(channels ?? [], 'channels')
  const rule: Rule = {
    id: from.id('id'),
    name: from.text('name', 1, limits.nameMax),
    description: from.text('description', 0, limits.descriptionMax),
    ...(from.has('title') ? { title: titleOf(from.text('title', 1, limits.titleMax), groupBy) } : {}),
    remedy: from.text('remedy', 0, limits.descriptionMax),
    severity: from.choice('severity', alertSeverities),
    when: parseCondition(from.raw('when'), 'when', lists),
    groupBy,
    ...(from.has('during') ? { during: duringOf(from.raw('during')) } : {}),
    ...(lists === undefined ? {} : { lists }),
    ...(channels === undefined ? {} : { channels }),
  }
  const cost = queriesOf(rule.when).reduce((sum, query) => sum + compileQuery(query, lists, 'when').patternCost, 0)
  if (cost > limits.patternCostMax) {
    throw new RuleError('when', `The patterns of a rule come to at most ${limits.patternCostMax} characters together.`)
  }
  const bytes = Buffer.byteLength(canonicalJson({ ...rule, lists: {} }))
  if (bytes > limits.ruleBytesMax) {
    throw new RuleError('', `A rule without its lists has at most ${limits.ruleBytesMax} bytes.`)
  }
  return rule
}

function titleOf(title: string, groupBy: readonly RuleField[]): string {
  for (const [, field = ''] of title.matchAll(/\{([^}]*)\}/g)) {
    if (!groupBy.includes(field)) throw new RuleError('title', 'In braces stand fields that the rule groups by.')
  }
  return title
}

function listsOf(value: unknown): NonNullable<Rule['lists']> {
  const names = typeof value === 'object' && value !== null ? Object.keys(value) : []
  const from = new MemberReader(value, 'lists', names)
  if (names.length > limits.listsMax) throw new RuleError('lists', `Expected at most ${limits.listsMax} lists.`)
  const lists = from.entries().map(([name, values], place): [string, string[]] => {
    if (!listName.test(name) || name === '__proto__') {
      throw new RuleError(`lists.${place}`, 'Expected a name of letters, digits, - and _, at most 64, a letter first.')
    }
    const item = (one: unknown, path: string): string => textAt(one, path, 1, limits.listValueMax)
    return [name, listAt(values, `lists.${name}`, 0, limits.listValuesMax, item)]
  })
  return Object.fromEntries(lists)
}

function duringOf(value: unknown): NonNullable<Rule['during']> {
  const from = new MemberReader(value, 'during', ['calendar', 'is'])
  return { calendar: from.id('calendar'), is: from.choice('is', ['inside', 'outside']) }
}

/** What a rule needs before it can be turned on. */
export interface RuleNeeds {
  /** Lists that its queries name and that have no value. */
  readonly lists: readonly string[]
  /** Whether it needs a database of locations. */
  readonly locations: boolean
}

export function needsOf(rule: Rule): RuleNeeds {
  const empty = queriesOf(rule.when)
    .flatMap(listsIn)
    .filter((name) => (rule.lists?.[name] ?? []).length === 0)
  const fields = [...rule.groupBy, ...fieldsOf(rule.when)]
  return { lists: [...new Set(empty)], locations: rule.when.kind === 'travel' || fields.some(needsLocation) }
}

function queriesOf(when: Condition): readonly RuleQuery[] {
  switch (when.kind) {
    case 'watch':
      return []
    case 'sequence':
      return when.steps.map(({ query }) => query)
    case 'ratio':
      return [when.query, when.of]
    case 'deadline':
      return [when.query, when.unless]
    default:
      return [when.query]
  }
}

function fieldsOf(when: Condition): readonly RuleField[] {
  switch (when.kind) {
    case 'distinct':
      return [when.of]
    case 'ratio':
      return when.distinct === undefined ? [] : [when.distinct]
    case 'new':
      return when.fields
    case 'sequence':
      return (when.same ?? []).flat()
    case 'deadline':
      return 'field' in when.due ? [when.due.field] : 'months' in when.due ? [when.due.months] : []
    default:
      return []
  }
}
