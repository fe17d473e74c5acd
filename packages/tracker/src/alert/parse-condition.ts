/** Reads the condition of a rule. */
import { parseDuration } from './duration.ts'
import * as limits from './limits.ts'
import { MemberReader, refuseTwice, textAt } from './member-reader.ts'
import type { Condition, DeadlineCondition, HistoryCondition, Rule } from './rule.ts'
import { RuleError } from './rule-error.ts'
import { fieldNameOf } from './rule-field.ts'
import { compileQuery } from './rule-query.ts'
import { queryBounds } from '@keywitness/cadf'

type Kind = Condition['kind']
type Lists = Rule['lists']
type Read<K extends Kind> = (from: MemberReader, lists: Lists) => Omit<Extract<Condition, { kind: K }>, 'kind'>

/** @throws RuleError */
export function parseCondition(value: unknown, path: string, lists: Lists): Condition {
  const kind = typeof value === 'object' && value !== null ? (value as { kind?: unknown }).kind : undefined
  const known = Object.keys(members).find((name): name is Kind => name === kind)
  if (known === undefined) throw new RuleError(`${path}.kind`, `Expected ${Object.keys(members).join(', ')}.`)
  const from = new MemberReader(value, path, ['kind', ...members[known]])
  return { kind: known, ...readers[known](from, lists) } as Condition
}

const members: { readonly [K in Kind]: readonly string[] } = {
  match: ['query'],
  count: ['query', 'threshold', 'within'],
  distinct: ['query', 'of', 'threshold', 'within'],
  ratio: ['query', 'of', 'share', 'least', 'within', 'ofWithin', 'distinct'],
  absence: ['query', 'within'],
  new: ['query', 'fields', 'remember', 'learn', 'volume'],
  sequence: ['steps', 'within', 'same'],
  history: ['query', 'per', 'periods', 'learn', 'quantile', 'deviations', 'most', 'least'],
  deadline: ['query', 'due', 'before', 'unless'],
  travel: ['query', 'speed', 'least'],
  watch: ['of', 'beyond'],
}

const readers: { readonly [K in Kind]: Read<K> } = {
  match: (from, lists) => ({ query: query(from, 'query', lists) }),
  count: (from, lists) => ({
    query: query(from, 'query', lists),
    threshold: from.whole('threshold', 2, limits.thresholdMax),
    within: duration(from, 'within'),
  }),
  distinct: (from, lists) => ({
    query: query(from, 'query', lists),
    of: field(from, 'of'),
    threshold: from.whole('threshold', 2, limits.thresholdMax),
    within: duration(from, 'within'),
  }),
  ratio: (from, lists) => {
    const within = duration(from, 'within')
    const ofWithin = from.has('ofWithin') ? duration(from, 'ofWithin') : undefined
    if (ofWithin !== undefined && parseDuration(ofWithin) < parseDuration(within)) {
      throw new RuleError(from.at('ofWithin'), 'Expected no shorter time than within.')
    }
    return {
      query: query(from, 'query', lists),
      of: query(from, 'of', lists),
      share: from.number('share', (value) => value > 0 && value <= 1, 'a share above 0, at most 1'),
      least: from.whole('least', 1, limits.thresholdMax),
      within,
      ...(ofWithin === undefined ? {} : { ofWithin }),
      ...(from.has('distinct') ? { distinct: field(from, 'distinct') } : {}),
    }
  },
  absence: (from, lists) => ({ query: query(from, 'query', lists), within: duration(from, 'within') }),
  new: (from, lists) => {
    const fields = from.list('fields', 1, limits.newFieldsMax, fieldAt)
    refuseTwice(fields, from.at('fields'))
    const [remember, learn] = [duration(from, 'remember'), duration(from, 'learn')]
    if (parseDuration(learn) >= parseDuration(remember)) {
      throw new RuleError(from.at('learn'), 'Expected a shorter time than remember.')
    }
    return {
      query: query(from, 'query', lists),
      fields,
      remember,
      learn,
      ...(from.has('volume') ? { volume: from.whole('volume', 1, limits.newVolumeMax) } : {}),
    }
  },
  sequence: (from, lists) => ({
    steps: from.list('steps', 2, limits.sequenceStepsMax, (value, path) => {
      const step = new MemberReader(value, path, ['query', 'count'])
      return {
        query: query(step, 'query', lists),
        ...(step.has('count') ? { count: step.whole('count', 1, limits.sequenceCountMax) } : {}),
      }
    }),
    within: duration(from, 'within'),
    ...(from.has('same') ? { same: from.list('same', 1, limits.sequencePairsMax, pairAt) } : {}),
  }),
  history,
  deadline: (from, lists) => {
    const { due } = { due: dueOf(from) }
    const before = from.has('before') ? duration(from, 'before') : undefined
    if (before !== undefined && 'after' in due && parseDuration(before) >= parseDuration(due.after)) {
      throw new RuleError(from.at('before'), 'Expected a shorter time than due.after.')
    }
    return {
      query: query(from, 'query', lists),
      due,
      ...(before === undefined ? {} : { before }),
      unless: query(from, 'unless', lists),
    }
  },
  travel: (from, lists) => ({
    query: query(from, 'query', lists),
    speed: from.number('speed', (value) => value > 0 && value <= limits.travelSpeedMax, 'kilometres per hour, above 0'),
    least: from.number('least', (value) => value >= 0 && value <= limits.travelLeastMax, 'kilometres, 0 to 20000'),
  }),
  watch: (from) => ({
    of: from.choice('of', ['checkpoint', 'engine', 'channel', 'dead-rule']),
    beyond: duration(from, 'beyond'),
  }),
}

function history(from: MemberReader, lists: Lists): Omit<HistoryCondition, 'kind'> {
  const periods = from.whole('periods', 2, limits.historyPeriodsMax)
  const share = (value: number): boolean => value > 0 && value < 1
  const deviations = (value: number): boolean => value > 0 && value <= limits.deviationsMax
  if (!['quantile', 'deviations', 'most'].some((name) => from.has(name))) {
    throw new RuleError(from.path, 'Expected one of quantile, deviations and most at least.')
  }
  return {
    query: query(from, 'query', lists),
    per: duration(from, 'per'),
    periods,
    learn: from.whole('learn', 1, periods),
    ...(from.has('quantile') ? { quantile: from.number('quantile', share, 'a quantile above 0, below 1') } : {}),
    ...(from.has('deviations')
      ? { deviations: from.number('deviations', deviations, `a number above 0, at most ${limits.deviationsMax}`) }
      : {}),
    ...(from.has('most') ? { most: from.whole('most', 1, limits.historyCountMax) } : {}),
    least: from.whole('least', 0, limits.historyCountMax),
  }
}

function dueOf(from: MemberReader): DeadlineCondition['due'] {
  const due = new MemberReader(from.raw('due'), from.at('due'), ['field', 'after', 'months'])
  if (due.entries().length !== 1) throw new RuleError(due.path, 'Expected one of field, after and months.')
  if (due.has('field')) return { field: field(due, 'field') }
  return due.has('after') ? { after: duration(due, 'after') } : { months: field(due, 'months') }
}

function duration(from: MemberReader, name: string): string {
  const text = from.text(name, 1, 16)
  parseDuration(text, from.at(name))
  return text
}

function field(from: MemberReader, name: string): string {
  return fieldAt(from.raw(name), from.at(name))
}

/** A field's name as it is spelled everywhere. */
export function fieldAt(value: unknown, path: string): string {
  return fieldNameOf(textAt(value, path, 1, 512), path)
}

function pairAt(value: unknown, path: string): [string, string] {
  if (!Array.isArray(value) || value.length !== 2) throw new RuleError(path, 'Expected two fields.')
  return [fieldAt(value[0], `${path}.0`), fieldAt(value[1], `${path}.1`)]
}

function query(from: MemberReader, name: string, lists: Lists): string {
  const text = from.text(name, 0, queryBounds.characters)
  compileQuery(text, lists, from.at(name))
  return text
}
