/** Who used which key, how often and from where. There may be millions of uses: the server counts them. */
import type { FoundGroup, FoundGroups, FoundValue, Seen } from './found-groups.ts'
import { groupEvents } from './group-events.ts'
import { actionsQuery, columns, count, type Report, type ReportKind, type ReportRow } from './report.ts'
import { memberText, type ReportEvent } from './report-event.ts'
import { unusedKeysOf } from './unused-keys.ts'

const used = ['wrap', 'unwrap', 'rewrap', 'read'].map((verb) => `hs-crypto.secrets.${verb}`)

const query = actionsQuery(...used, 'hs-crypto.kmip-key.use', 'hs-crypto.kmip-key.read', 'hs-crypto.ep11.use')

export const keyUseReport: ReportKind = {
  id: 'key-use',
  number: 4,
  query,
  clauses: ['ISO/IEC 27001:2022: A.8.15, A.8.24', 'NIST SP 800-53 Rev. 5: AU-12, SC-12'],
  groups: { by: ['key', 'initiator', 'address'], make: (found) => makeUse(found) },
  make: (events) => makeUse(groupsOf(events)),
  now: [unusedKeysOf(query)],
}

function makeUse({ count: total, rows, others, missing }: FoundGroups): Report {
  const keys = keysOf(rows)
  return {
    summary: [
      count('uses', total),
      count('keysUsed', keys.size),
      count('people', distinctOf(rows, 1)),
      count('addresses', distinctOf(rows, 2)),
      count('notListed', others),
      count('withoutKey', missing),
    ],
    tables: [
      {
        id: 'keyUses',
        columns: columns(
          'keyId',
          'name',
          'uses:count',
          'share',
          'users:count',
          'addresses:count',
          'first:time',
          'last:time',
        ),
        note: 'key-use',
        rows: [...keys].map(([key, own]) => {
          const uses = sumOf(own)
          const values = [key, nameIn(own, 0), uses, shareOf(uses, total), distinctOf(own, 1), distinctOf(own, 2)]
          return groupRow(values, own)
        }),
      },
      {
        id: 'uses',
        columns: columns('keyId', 'name', 'who', 'whoId', 'address', 'uses:count', 'first:time', 'last:time'),
        rows: rows.map((group) => {
          const [key, who, address] = [0, 1, 2].map((at) => valueIn(group, at)) as [string, string, string]
          const name = group.values[1]?.name ?? who
          return groupRow([key, group.values[0]?.name ?? '', name, who, address, group.count], [group])
        }),
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
const valueIn = ({ values }: FoundGroup, at: number): string => values[at]?.value ?? ''
const distinctOf = (groups: readonly FoundGroup[], at: number): number =>
  new Set(groups.map((group) => valueIn(group, at))).size
/** By the newest event that tells one. */
const nameIn = (groups: readonly FoundGroup[], at: number): string =>
  groups
    .toSorted((one, other) => other.newest.index - one.newest.index)
    .map(({ values }) => values[at]?.name ?? '')
    .find((name) => name !== '') ?? ''

/** Per cent with one digit. */
const shareOf = (part: number, whole: number): string => `${whole === 0 ? 0 : Math.round((part / whole) * 1_000) / 10}%`

function keysOf(rows: readonly FoundGroup[]): ReadonlyMap<string, readonly FoundGroup[]> {
  const keys = Map.groupBy(rows, (group) => valueIn(group, 0))
  return new Map(
    [...keys].toSorted(([one, its], [other, others]) => sumOf(others) - sumOf(its) || (one < other ? -1 : 1)),
  )
}

/** The same counts, from the events themselves. */
function groupsOf(events: readonly ReportEvent[]): FoundGroups {
  const whole = events.filter(({ keyId, whoId, address }) => keyId !== undefined && whoId !== '' && address !== '')
  const rows = [...groupEvents(whole, ({ keyId, whoId, address }) => JSON.stringify([keyId, whoId, address]))]
    .map(([, own]): FoundGroup => {
      const newest = own.at(-1) ?? own[0]
      return { values: valuesOf(newest), count: own.length, first: seenIn(own[0]), newest: seenIn(newest) }
    })
    .toSorted((one, other) => other.count - one.count || one.first.index - other.first.index)
  return { count: events.length, rows, others: 0, missing: events.length - whole.length, isComplete: true }
}

const seenIn = ({ index, time }: ReportEvent): Seen => ({ index, ...(time !== undefined && { time }) })

/** Key, initiator and address, named as the server names them. */
function valuesOf({ event, keyId = '', whoId, address, targetId }: ReportEvent): FoundValue[] {
  const named = (value: string, name: string): FoundValue => ({ value, ...(name !== '' && { name }) })
  return [
    named(keyId, targetId.endsWith(keyId) ? memberText(event, 'target.name') : ''),
    named(whoId, memberText(event, 'initiator.name')),
    { value: address },
  ]
}
