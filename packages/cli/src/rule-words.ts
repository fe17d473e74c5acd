/** What a rule watches for, in words. */
import type { Condition, Rule } from '@keywitness/tracker/alerts'

/** A sentence, or a query that belongs to the sentence before it. */
export interface RuleLine {
  readonly text: string
  readonly isQuery: boolean
}

/** What a rule watches for, as lines; texts of the rule stand in them as they are. */
export function ruleLines(rule: Rule): RuleLine[] {
  return [...conditionLines(rule.when), ...aroundLines(rule)]
}

function conditionLines(when: Condition): RuleLine[] {
  switch (when.kind) {
    case 'match':
      return [said('Any event that this finds:'), query(when.query)]
    case 'count':
      return [said(`${when.threshold} or more events within ${when.within} that this finds:`), query(when.query)]
    case 'distinct':
      return [
        said(
          `${when.threshold} or more different values of ${when.of} within ${when.within}, in events that this finds:`,
        ),
        query(when.query),
      ]
    case 'ratio':
      return ratioLines(when)
    case 'absence':
      return [said(`No event for ${when.within} that this finds:`), query(when.query)]
    case 'new':
      return newLines(when)
    case 'sequence':
      return sequenceLines(when)
    case 'history':
      return historyLines(when)
    case 'deadline':
      return [
        said('An event that opens a term:'),
        query(when.query),
        said(
          `${dueWords(when.due)}${when.before === undefined ? '' : `, told ${when.before} before`}, unless there is:`,
        ),
        query(when.unless),
      ]
    case 'travel':
      return [
        said(`Two places more than ${when.least} km apart, faster than ${when.speed} km/h from one to the other:`),
        query(when.query),
      ]
    case 'watch':
      return [said(watchWords[when.of](when.beyond))]
  }
}

function ratioLines(when: Extract<Condition, { kind: 'ratio' }>): RuleLine[] {
  const what = when.distinct === undefined ? 'the events' : `the values of ${when.distinct} in events`
  const ofWithin = when.ofWithin ?? when.within
  const least = `Nothing is told while there are fewer than ${when.least} of the whole.`
  return [
    said(`${Math.round(when.share * 10_000) / 100} % or more of ${what} that this finds within ${ofWithin}:`),
    query(when.of),
    said(`are, within ${when.within}, among those that this finds:`),
    query(when.query),
    said(least),
  ]
}

function newLines(when: Extract<Condition, { kind: 'new' }>): RuleLine[] {
  const volume =
    when.volume === undefined || when.volume === 1 ? '' : ` It is told from ${when.volume} events in a day on.`
  return [
    said(
      `A value of ${when.fields.join(' with ')} that was not there for ${when.remember}, in events that this finds:`,
    ),
    query(when.query),
    said(`The first ${when.learn} only learn.${volume}`),
  ]
}

function sequenceLines(when: Extract<Condition, { kind: 'sequence' }>): RuleLine[] {
  const same =
    when.same === undefined
      ? ''
      : ` ${when.same.map(([a, b]) => `${a} of the first is ${b} of the last`).join(', or ')}.`
  return [
    said(`Within ${when.within}, one after another.${same}`),
    ...when.steps.flatMap((step, at) => [
      said(
        `${at + 1}. ${step.count === undefined || step.count === 1 ? 'an event' : `${step.count} events`} that this finds:`,
      ),
      query(step.query),
    ]),
  ]
}

function historyLines(when: Extract<Condition, { kind: 'history' }>): RuleLine[] {
  const above = [
    when.quantile === undefined
      ? undefined
      : `more than in ${Math.round(when.quantile * 10_000) / 100} % of the last ${when.periods} periods`,
    when.deviations === undefined ? undefined : `more than their mean by ${when.deviations} standard deviations`,
    when.most === undefined ? undefined : `more than ${when.most} in any case`,
  ].filter((one) => one !== undefined)
  return [
    said(`Events of one period of ${when.per} that are ${above.join(', or ')}:`),
    query(when.query),
    said(`Never below ${when.least}. The first ${when.learn} periods only learn.`),
  ]
}

function dueWords(due: Extract<Condition, { kind: 'deadline' }>['due']): string {
  if ('field' in due) return `It ends when the event says: ${due.field}`
  if ('after' in due) return `It ends ${due.after} later`
  return `It ends after as many months as the event says: ${due.months}`
}

const watchWords: Readonly<Record<Extract<Condition, { kind: 'watch' }>['of'], (beyond: string) => string>> = {
  checkpoint: (beyond) => `Events that no signed checkpoint covers for more than ${beyond}.`,
  engine: (beyond) => `Rules that are evaluated more than ${beyond} late, or not at all.`,
  channel: (beyond) => `A channel that nothing reaches for more than ${beyond}.`,
  'dead-rule': (beyond) => `A rule that never fired for ${beyond}, while events of its kind went on.`,
}

function aroundLines({ groupBy, during, channels, severity, when }: Rule): RuleLine[] {
  const lines: RuleLine[] = []
  if (groupBy.length > 0) lines.push(said(`Each ${groupBy.join(' with ')} is looked at, and told of, for itself.`))
  if (during !== undefined)
    lines.push(said(`Only events ${during.is} the times of the calendar ${during.calendar} count.`))
  if (channels === undefined) lines.push(said(`Every channel that takes ${severity} alerts is told.`))
  else lines.push(said(channels.length === 0 ? 'No channel is told.' : `Told: ${channels.join(', ')}.`))
  if (when.kind === 'watch') lines.push(said('The server looks at this by itself: no event tells it.'))
  return lines
}

function said(text: string): RuleLine {
  return { text, isQuery: false }
}

function query(text: string): RuleLine {
  return { text, isQuery: true }
}
