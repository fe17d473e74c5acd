/** Rules and calendars from files, looked at before anything is sent: what is wrong is said with its place. */
import type { Calendar, Rule } from '@keywitness/tracker/alerts'
import { memberOf } from './api-client.ts'
import { CliError } from './cli-error.ts'
import { inputName } from './input-file.ts'
import { readJson } from './json-file.ts'
import { markBelow } from './place-mark.ts'

const ruleAdvice = 'docs/reference/rules.md says what a rule may be'

export interface GivenRule {
  readonly rule: Rule
  /** The version that the file was made from, where it says so. */
  readonly version: number | undefined
}

/**
 * A rule from a file: bare, or as `rules show --json` prints it.
 *
 * @param id the rule's, when the command line names it and the file may leave it out
 * @throws CliError `BAD_INPUT`
 */
export async function readRuleFile(path: string, id?: string): Promise<GivenRule> {
  const value = await readJson(path)
  const inner = memberOf(value, 'rule')
  const bare = inner ?? value
  const named = id !== undefined && isObject(bare) && bare['id'] === undefined ? { ...bare, id } : bare
  const { parseRule } = await import('@keywitness/tracker/alerts')
  const rule = await placed(named, `${inputName(path)} holds no rule`, ruleAdvice, () => parseRule(named))
  if (id !== undefined && rule.id !== id) {
    throw new CliError('BAD_INPUT', `${inputName(path)} holds the rule ${rule.id}, not ${id}`)
  }
  const version = inner === undefined ? undefined : memberOf(value, 'version')
  return { rule, version: typeof version === 'number' ? version : undefined }
}

/** @throws CliError `BAD_INPUT` */
export async function readCalendarFile(path: string, id: string): Promise<Calendar> {
  const value = await readJson(path)
  const named = isObject(value) && value['id'] === undefined ? { ...value, id } : value
  const { parseCalendar } = await import('@keywitness/tracker/alerts')
  const calendar = await placed(named, `${inputName(path)} holds no calendar`, ruleAdvice, () => parseCalendar(named))
  if (calendar.id === id) return calendar
  throw new CliError('BAD_INPUT', `${inputName(path)} holds the calendar ${calendar.id}, not ${id}`)
}

/** A document of `rules export`. */
export interface RuleDocument {
  readonly format: string
  readonly rules: readonly { readonly rule: Rule; readonly enabled: boolean }[]
  readonly calendars: readonly Calendar[]
}

/** @throws CliError `BAD_INPUT` naming the rule at fault */
export async function readRuleDocument(path: string): Promise<RuleDocument> {
  const value = await readJson(path)
  const name = inputName(path)
  const format = memberOf(value, 'format')
  const rules = memberOf(value, 'rules')
  const calendars = memberOf(value, 'calendars') ?? []
  if (typeof format !== 'string' || !Array.isArray(rules) || !Array.isArray(calendars)) {
    throw new CliError('BAD_INPUT', `${name} holds no rules`, 'keywitness rules export writes such a document')
  }
  const { parseCalendar, parseRule } = await import('@keywitness/tracker/alerts')
  const read: { rule: Rule; enabled: boolean }[] = []
  for (const [at, one] of rules.entries()) {
    const rule: unknown = memberOf(one, 'rule')
    const where = `${name}, ${nameOf(rule) ?? `rule ${at + 1}`}`
    read.push({
      rule: await placed(rule, where, ruleAdvice, () => parseRule(rule)),
      enabled: memberOf(one, 'enabled') === true,
    })
  }
  const days: Calendar[] = []
  for (const [at, one] of calendars.entries()) {
    const where = `${name}, calendar ${nameOf(one) ?? at + 1}`
    days.push(await placed(one, where, ruleAdvice, () => parseCalendar(one)))
  }
  return { format, rules: read, calendars: days }
}

/** A rule as the server described it; undefined when it is of a kind that this command does not know. */
export async function knownRule(value: unknown): Promise<Rule | undefined> {
  const { parseRule, RuleError } = await import('@keywitness/tracker/alerts')
  try {
    return parseRule(value)
  } catch (error) {
    if (error instanceof RuleError) return undefined
    throw error
  }
}

async function placed<T>(value: unknown, where: string, advice: string, parse: () => T): Promise<T> {
  const { RuleError } = await import('@keywitness/tracker/alerts')
  try {
    return parse()
  } catch (error) {
    if (!(error instanceof RuleError)) throw error
    const { path, at, length = 1 } = error
    const query = at === undefined ? undefined : valueAt(value, path)
    const marked = at === undefined || typeof query !== 'string' ? [] : markBelow(query, at, length)
    throw new CliError(
      'BAD_INPUT',
      `${where}: ${path === '' ? '' : `${path}: `}${error.message.replace(/\.$/, '')}`,
      advice,
      marked,
    )
  }
}

/** What stands at a path such as `when.steps.1.query`. */
function valueAt(value: unknown, path: string): unknown {
  return path.split('.').reduce<unknown>((part, name) => memberOf(part, name), value)
}

function nameOf(value: unknown): string | undefined {
  const id = memberOf(value, 'id')
  return typeof id === 'string' ? id : undefined
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
