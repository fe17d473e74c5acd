/** What the page of rules takes from the code: the bounds of rules, and the rules that are shipped. */
import { readFileSync } from 'node:fs'
import * as limits from '../../packages/tracker/src/alert/limits.ts'
import { rulePack } from '../../packages/tracker/src/alert/pack/pack.ts'
import type { PackRule } from '../../packages/tracker/src/alert/pack/pack-rule.ts'
import { code, table, withPart } from './markdown.ts'

/** The page with its tables written anew; what people wrote around them stays. */
export function rulesPage(): string {
  const page = readFileSync(new URL('../../docs/reference/rules.md', import.meta.url), 'utf8')
  return withPart(withPart(page, 'bounds', boundsTable()), 'pack', packTable())
}

const number = (value: number): string => value.toLocaleString('en-US')

function boundsTable(): string {
  const { groupFieldsMax, listsMax, listValuesMax, listValueMax, listMentionsMax } = limits
  return table(
    ['what', 'at most'],
    [
      ['a rule without its lists', `${number(limits.ruleBytesMax)} bytes`],
      ['`name`', `${number(limits.nameMax)} characters`],
      ['`description`, `remedy`', `${number(limits.descriptionMax)} characters each`],
      ['`groupBy`', `${groupFieldsMax} fields`],
      ['`lists`', `${listsMax} of ${number(listValuesMax)} values of ${listValueMax} characters`],
      ['lists that one query names', `${listMentionsMax}`],
      ['`channels`', `${limits.channelsMax}`],
      ['`threshold`', `2 to ${number(limits.thresholdMax)}`],
      [
        '`steps`; `count` of one; pairs of `same`',
        `2 to ${limits.sequenceStepsMax}; ${number(limits.sequenceCountMax)}; ${limits.sequencePairsMax}`,
      ],
      ['`fields` and `volume` of new values', `${limits.newFieldsMax}; ${number(limits.newVolumeMax)}`],
      ['`periods` of a history', number(limits.historyPeriodsMax)],
      ['groups that a rule remembers', number(limits.groupsMax)],
      ['values and times that it remembers, over all groups', number(limits.rememberedMax)],
      ['how late an event may come and still be counted in its place', `${number(limits.lateMs / 60_000)} minutes`],
      ['time ranges a day and holidays of a calendar', `${limits.dayRangesMax}; ${number(limits.holidaysMax)}`],
    ],
  )
}

function packTable(): string {
  const place = ({ number: [first = Number.POSITIVE_INFINITY] }: PackRule): number => first
  const sorted = rulePack.toSorted((a, b) => (place(a) < place(b) ? -1 : place(a) > place(b) ? 1 : 0))
  const rows = sorted.map(({ number: numbers, rule, isOn, why = '' }) => [
    numbers.join(', '),
    code(rule.id),
    rule.name,
    rule.severity,
    rule.when.kind,
    isOn ? 'on' : 'off',
    why,
  ])
  return table(['number', 'rule', 'name', 'severity', 'kind', 'at first', 'what to know'], rows)
}
