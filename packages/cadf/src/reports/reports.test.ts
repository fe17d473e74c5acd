/** The reports of keys, refusals, policies and privileges, each on a few events made by hand. */
import { expect, test } from 'vitest'
import { quarter, reportEvents } from '../../test/report-events.ts'
import { parseQuery, type Report, reportCsv, reportEvent, reports } from '../index.ts'
import { failedAccessReport } from './failed-access.ts'
import { keyLifecycleReport } from './key-lifecycle.ts'
import { policyChangesReport } from './policy-changes.ts'
import { privilegedActionsReport } from './privileged-actions.ts'

/** The rows of a table as objects, by column. */
function rowsOf({ tables }: Report, id: string): Record<string, unknown>[] {
  const table = tables.find((each) => each.id === id)
  if (table === undefined) throw new Error(`no table ${id}`)
  return table.rows.map(({ cells, events }) => ({
    ...Object.fromEntries(table.columns.map((column, at) => [column.id, cells[at]])),
    events,
  }))
}

const factsOf = ({ summary }: Report): object => Object.fromEntries(summary.map(({ id, value }) => [id, value]))

test('queries of reports can be read, and fit into an address', () => {
  for (const { id, query } of reports) {
    expect(() => parseQuery(query, { now: quarter.to }), id).not.toThrow()
    expect(query, 'it stands in quotes in a command').not.toContain("'")
  }
  expect(new Set(reports.map(({ id }) => id)).size).toBe(reports.length)
})

test('every row has a cell for each column, and a period without events has its tables all the same', () => {
  for (const { id, make } of reports) {
    const { tables, summary } = make([], quarter)
    expect(tables.length, id).toBeGreaterThan(0)
    expect(summary.length, id).toBeGreaterThan(0)
  }
})

test('a key’s life: born, rotated, its deletion authorized by one and done by another', () => {
  const events = reportEvents(
    { action: 'hs-crypto.secrets.create', key: 'k1' },
    { action: 'hs-crypto.secrets.rotate', key: 'k1', who: 'Ben' },
    { action: 'hs-crypto.secrets.rotate', key: 'k1', outcome: 'failure', code: 409 },
    { action: 'hs-crypto.secrets-event.ack', key: 'k1', who: 'Storage' },
    { action: 'hs-crypto.secrets.disable', key: 'k2' },
    { action: 'hs-crypto.secrets.setkeyfordeletion', key: 'k1', who: 'Cleo' },
    { action: 'hs-crypto.secrets.delete', key: 'k1', who: 'Ben' },
  )
  const report = keyLifecycleReport.make(events, quarter)
  expect(factsOf(report)).toEqual({ keys: 2, created: 1, rotated: 1, deleted: 1, purged: 0, refused: 1 })
  const [one, two] = rowsOf(report, 'keys')
  expect(one).toMatchObject({
    keyId: 'k1',
    state: 'deleted',
    createdBy: 'Ana',
    created: '2026-11-10T12:00:00.000Z',
    rotations: 1,
    deletedBy: 'Ben',
    approvedBy: 'Cleo',
    acknowledged: 1,
    events: [10, 11, 12, 13, 15, 16],
  })
  expect(two).toMatchObject({ keyId: 'k2', state: 'suspended', created: undefined, approvedBy: undefined })
  expect(rowsOf(report, 'steps')).toHaveLength(7)
})

test('refusals are counted by caller and address, and known to have an alert that was closed', () => {
  const refused = { action: 'hs-crypto.secrets.delete', outcome: 'failure', who: 'Mallory' }
  const events = reportEvents(
    { ...refused, code: 401 },
    { ...refused, code: 403, address: '198.51.100.1' },
    { ...refused, code: 403, address: '198.51.100.1' },
    {
      action: 'activity-tracker.alert.raise',
      target: 'Refused',
      request: { firstIndex: 11, lastIndex: 12 },
      response: { alert: 'a1' },
    },
    { action: 'activity-tracker.alert.close', request: { alert: 'a1' } },
  )
  const report = failedAccessReport.make(events, quarter)
  expect(factsOf(report)).toMatchObject({ refused: 3, unauthenticated: 1, forbidden: 2, callers: 2, withAlert: 2 })
  expect(rowsOf(report, 'callers')[0]).toMatchObject({
    address: '198.51.100.1',
    attempts: 2,
    alerts: 'Refused',
    events: [11, 12],
  })
  expect(rowsOf(report, 'attempts').map(({ followUp }) => followUp)).toEqual(['none', 'closed', 'closed'])
})

test('a policy’s values before and after, only those that changed, with their direction', () => {
  const events = reportEvents(
    {
      action: 'hs-crypto.instance-policies.write',
      request: {
        initialValue: { policyAllowedNetworkEnabled: true, policyAllowedNetworkAttribute: 'private-only' },
        newValue: { policyAllowedNetworkEnabled: true, policyAllowedNetworkAttribute: 'public-and-private' },
      },
    },
    { action: 'hs-crypto.tke-cryptounit-threshold.set', request: { signatureThreshold: 1 } },
    {
      action: 'hs-crypto.tke-cryptounit-threshold.set',
      request: { signatureThreshold: 2, permissions: '81ff0011' },
      response: { signatureThreshold: 2, initialValue: { signatureThreshold: 0, permissions: '81ff0011' } },
    },
  )
  const report = policyChangesReport.make(events, quarter)
  expect(factsOf(report)).toMatchObject({ changes: 3, looser: 2, stricter: 1 })
  const network = {
    setting: 'policyAllowedNetworkAttribute',
    before: 'private-only',
    after: 'public-and-private',
    direction: 'looser',
  }
  const setting = 'signatureThreshold'
  expect(rowsOf(report, 'changes')).toMatchObject([
    network,
    { setting, before: '', after: '1' },
    { setting, before: '0', after: '2', direction: 'stricter' },
  ])
})

test('privileged actions by person, the busiest first', () => {
  const events = reportEvents(
    { action: 'iam-access.role.grant', who: 'Ana', target: 'Ben' },
    { action: 'hs-crypto.secrets.purge', who: 'Ben', key: 'k1' },
    { action: 'hs-crypto.secrets.purge', who: 'Ben', key: 'k2', outcome: 'failure', address: '198.51.100.1' },
  )
  const report = privilegedActionsReport.make(events, quarter)
  expect(factsOf(report)).toEqual({ actions: 3, people: 2, refused: 1, addresses: 2 })
  expect(rowsOf(report, 'people')).toMatchObject([
    { who: 'Ben', done: 1, refused: 1, kinds: 1, addresses: '203.0.113.7 198.51.100.1' },
    { who: 'Ana', done: 1, refused: 0 },
  ])
  expect(rowsOf(report, 'deeds')[1]).toMatchObject({ action: 'hs-crypto.secrets.purge', targets: 'k1, k2' })
})

test('a table as CSV has no formula in it, one line for each row, and the events behind it', () => {
  const events = reportEvents({ action: 'hs-crypto.secrets.create', key: 'k1', target: '=cmd("a")', who: 'Ana\nRuiz' })
  const report = keyLifecycleReport.make(events, quarter)
  const [, steps] = report.tables.map(reportCsv)
  expect(steps).toBe(
    'time,name,keyId,action,outcome,who,address,reason,eventCount,eventIndexes\r\n' +
      `2026-11-10T12:00:00.000Z,"'=cmd(""a"")",k1,hs-crypto.secrets.create,success,"Ana\\u000aRuiz",203.0.113.7,,1,10\r\n`,
  )
})

test('an event that lacks everything makes no report fail', () => {
  for (const { id, make } of reports) {
    const events = [undefined, {}, { event: { action: 7, initiator: 'x', eventTime: 'never' } }].map((entry, at) =>
      reportEvent(entry, { index: at, leafHash: '' }),
    )
    for (const { columns, rows } of make(events, quarter).tables)
      for (const { cells } of rows) expect(cells, id).toHaveLength(columns.length)
  }
})
