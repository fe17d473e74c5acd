/** A rule's condition as sentences: what must happen, so that it can be understood without knowing its JSON. */
import type { TFunction } from 'i18next'
import type { Condition, Rule } from '../api/alert-types.ts'

/** One line of the condition: words, and the query they are about. */
export interface ConditionLine {
  readonly words: string
  readonly query?: string
}

export function conditionLines({ when, groupBy, during, lists }: Rule, t: TFunction): readonly ConditionLine[] {
  return [
    ...linesOf(when, t),
    ...(groupBy.length === 0 ? [] : [{ words: t('alerts.when.group', { fields: groupBy.join(', ') }) }]),
    ...(during === undefined ? [] : [{ words: t(`alerts.when.${during.is}`, { calendar: during.calendar }) }]),
    // One that is being written may have no name yet.
    ...Object.entries(lists ?? {}).flatMap(([name, values]) =>
      name === '' ? [] : [{ words: t('alerts.when.list', { name, count: values.length }) }],
    ),
  ]
}

/** `10m` as “10 minutes”; what is none stays as it is. */
export function durationWords(duration: string, t: TFunction): string {
  const match = /^(\d{1,9})([smhdw])$/.exec(duration)
  if (match === null) return duration
  const unit = match[2] as 's' | 'm' | 'h' | 'd' | 'w'
  return t(`alerts.duration.${unit}`, { count: Number(match[1]) })
}

function linesOf(when: Condition, t: TFunction): ConditionLine[] {
  const long = (duration: string): string => durationWords(duration, t)
  switch (when.kind) {
    case 'match':
      return [{ words: t('alerts.when.match'), query: when.query }]
    case 'count':
      return [
        { words: t('alerts.when.count', { count: when.threshold, within: long(when.within) }), query: when.query },
      ]
    case 'distinct': {
      const words = t('alerts.when.distinct', { count: when.threshold, of: when.of, within: long(when.within) })
      return [{ words, query: when.query }]
    }
    case 'ratio': {
      const share = Math.round(when.share * 1_000) / 10
      const of = when.distinct === undefined ? t('alerts.when.ratioEvents') : when.distinct
      return [
        { words: t('alerts.when.ratio', { share, of, within: long(when.within) }), query: when.query },
        {
          words: t('alerts.when.ratioOf', { count: when.least, within: long(when.ofWithin ?? when.within) }),
          query: when.of,
        },
      ]
    }
    case 'absence':
      return [{ words: t('alerts.when.absence', { within: long(when.within) }), query: when.query }]
    case 'new': {
      const fields = when.fields.join(', ')
      return [
        { words: t('alerts.when.new', { fields, remember: long(when.remember) }), query: when.query },
        { words: t('alerts.when.learn', { learn: long(when.learn) }) },
        ...(when.volume === undefined || when.volume < 2
          ? []
          : [{ words: t('alerts.when.volume', { count: when.volume }) }]),
      ]
    }
    case 'sequence':
      return [
        { words: t('alerts.when.sequence', { count: when.steps.length, within: long(when.within) }) },
        ...when.steps.map(({ query, count = 1 }, i) => ({
          words: t('alerts.when.step', { number: i + 1, count }),
          query,
        })),
        ...sameLines(when.same ?? [], t),
      ]
    case 'history':
      return [
        { words: t('alerts.when.history', { per: long(when.per), count: when.periods }), query: when.query },
        ...historyBounds(when, t),
      ]
    case 'deadline':
      return [
        { words: dueWords(when, t), query: when.query },
        ...(when.before === undefined ? [] : [{ words: t('alerts.when.before', { before: long(when.before) }) }]),
        { words: t('alerts.when.unless'), query: when.unless },
      ]
    case 'travel': {
      const words = t('alerts.when.travel', { speed: when.speed, least: when.least })
      return [{ words, query: when.query }]
    }
    case 'watch':
      return [{ words: t(`alerts.when.watch.${when.of}`, { beyond: long(when.beyond) }) }]
  }
}

function sameLines(pairs: readonly (readonly [string, string])[], t: TFunction): ConditionLine[] {
  const key = pairs.length === 1 ? 'alerts.when.sameOnly' : 'alerts.when.same'
  return pairs.map(([first, last]) => ({ words: t(key, { first, last }) }))
}

function historyBounds(when: Extract<Condition, { kind: 'history' }>, t: TFunction): ConditionLine[] {
  const { quantile, deviations, most, least } = when
  return [
    ...(quantile === undefined
      ? []
      : [{ words: t('alerts.when.quantile', { share: Math.round(quantile * 1_000) / 10 }) }]),
    ...(deviations === undefined ? [] : [{ words: t('alerts.when.deviations', { count: deviations }) }]),
    ...(most === undefined ? [] : [{ words: t('alerts.when.most', { count: most }) }]),
    { words: t('alerts.when.least', { count: least }) },
  ]
}

function dueWords({ due }: Extract<Condition, { kind: 'deadline' }>, t: TFunction): string {
  if ('field' in due) return t('alerts.when.dueField', { field: due.field })
  if ('after' in due) return t('alerts.when.dueAfter', { after: durationWords(due.after, t) })
  return t('alerts.when.dueMonths', { field: due.months })
}
