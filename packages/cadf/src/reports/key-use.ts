/** Who used which key, how often and from where. There may be millions of uses: the server counts them. */
import type { FoundGroup, FoundGroups, Seen } from './found-groups.ts'
import { groupEvents } from './group-events.ts'
import { actionsQuery, columns, count, type Report, type ReportKind, type ReportRow } from './report.ts'
import type { ReportEvent } from './report-event.ts'

const used = ['wrap', 'unwrap', 'rewrap', 'read'].map((verb) => `hs-crypto.secrets.${verb}`)

export const keyUseReport: ReportKind = {
  id: 'key-use',
  query: actionsQuery(...used, 'hs-crypto.kmip-key.use', 'hs-crypto.kmip-key.read', 'hs-crypto.ep11.use'),
  clauses: ['PCI DSS 4.0.1: 3.7.7, 10.2.1.1', 'ISO/IEC 27001:2022: A.8.15, A.8.24', 'NIST SP 800-53: AU-12, SC-12'],
  groups: { by: ['key', 'initiator', 'address'], make: (found) => makeUse(found) },
  make: (events) => makeUse(groupsOf(events)),
}

function makeUse({ count: total, rows, others, missing }: FoundGroups): Report {
  const keys = keysOf(rows)
  return {
    summary: [
      count('uses', total),
      count('keysUsed', keys.size),
      count('people', new Set(rows.map(({ values }) => values[1])).size),
      count('addresses', new Set(rows.map(({ values }) => values[2])).size),
      count('notListed', others),
      count('withoutKey', missing),
    ],
    tables: [
      {
        id: 'keyUses',
        columns: columns('keyId', 'uses:count', 'share', 'users:count', 'addresses:count', 'first:time', 'last:time'),
        note: 'key-use',
        rows: [...keys].map(([key, own]) => {
          const uses = sumOf(own)
          const values = [key, uses, shareOf(uses, total), distinctOf(own, 1), distinctOf(own, 2)]
          return groupRow(values, own)
        }),
      },
      {
        id: 'uses',
        columns: columns('keyId', 'who', 'address', 'uses:count', 'first:time', 'last:time'),
        rows: rows.map((group) => groupRow([...group.values.slice(0, 3), group.count], [group])),
      },
    ],
  }
}

function groupRow(cells: readonly (string | number)[], groups: readonly FoundGroup[]): ReportRow {
  const first = groups.map((group) => group.first).toSorted((one, other) => one.index - other.index)[0]
  const newest = groups.map((group) => group.newest).toSorted((one, other) => other.index - one.index)[0]
  const seen = [first, newest].flatMap((each) => (each === undefined ? [] : [each.index]))
  return { cells: [...cells, first?.time, newest?.time], events: [...new Set(seen)], eventCount: sumOf(groups) }
}

const sumOf = (groups: readonly FoundGroup[]): number => groups.reduce((sum, group) => sum + group.count, 0)
const distinctOf = (groups: readonly FoundGroup[], at: number): number =>
  new Set(groups.map(({ values }) => values[at])).size

/** Per cent with one digit. */
const shareOf = (part: number, whole: number): string => `${whole === 0 ? 0 : Math.round((part / whole) * 1_000) / 10}%`

function keysOf(rows: readonly FoundGroup[]): ReadonlyMap<string, readonly FoundGroup[]> {
  const keys = Map.groupBy(rows, ({ values }) => values[0] ?? '')
  return new Map(
    [...keys].toSorted(([one, its], [other, others]) => sumOf(others) - sumOf(its) || (one < other ? -1 : 1)),
  )
}

/** The same counts, from the events themselves. */
function groupsOf(events: readonly ReportEvent[]): FoundGroups {
  const whole = events.filter(({ keyId, whoId, address }) => keyId !== undefined && whoId !== '' && address !== '')
  const rows = [...groupEvents(whole, ({ keyId, whoId, address }) => JSON.stringify([keyId, whoId, address]))]
    .map(([key, own]): FoundGroup => {
      const seen = ({ index, time }: ReportEvent): Seen => ({ index, ...(time !== undefined && { time }) })
      return {
        values: JSON.parse(key) as string[],
        count: own.length,
        first: seen(own[0]),
        newest: seen(own.at(-1) ?? own[0]),
      }
    })
    .toSorted((one, other) => other.count - one.count || one.first.index - other.first.index)
  return { count: events.length, rows, others: 0, missing: events.length - whole.length }
}
