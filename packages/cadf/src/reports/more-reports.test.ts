/** The reports of duties, readers, alerts, rotation, ceremonies, the log and access, and the sample: on events made by hand. */
import { createHash } from 'node:crypto'
import { expect, test } from 'vitest'
import { quarter, reportEvents } from '../../test/report-events.ts'
import { drawSample, foundGroups, type Report, reportEvent, sampleReport } from '../index.ts'
import { personText, signedText, transcriptOf } from '../transcripts/index.ts'
import { ceremony } from '../transcripts/testing/ceremony-events.ts'
import { accessReviewReport } from './access-review.ts'
import { alertHandlingReport } from './alert-handling.ts'
import { ceremonyStepsReport } from './ceremony-steps.ts'
import { dualAuthorizationReport } from './dual-authorization.ts'
import { keyUseReport } from './key-use.ts'
import { logContinuityReport } from './log-continuity.ts'
import { logIntegrityReport } from './log-integrity.ts'
import { retentionHoldsReport } from './retention-holds.ts'
import { rotationComplianceReport } from './rotation-compliance.ts'
import { trailReadersReport } from './trail-readers.ts'

function rowsOf({ tables }: Report, id: string): Record<string, unknown>[] {
  const table = tables.find((each) => each.id === id)
  if (table === undefined) throw new Error(`no table ${id}`)
  return table.rows.map(({ cells }) => Object.fromEntries(table.columns.map((column, at) => [column.id, cells[at]])))
}

const factsOf = ({ summary }: Report): object => Object.fromEntries(summary.map(({ id, value }) => [id, value]))

test('a deletion by two people is none of the exceptions; one alone, one twice, and one after a withdrawal are', () => {
  const [set, unset, remove] = ['setkeyfordeletion', 'unsetkeyfordeletion', 'delete'].map(
    (verb) => `hs-crypto.secrets.${verb}`,
  )
  const events = reportEvents(
    { action: set!, key: 'k1', who: 'Ana' },
    { action: remove!, key: 'k1', who: 'Ben' },
    { action: remove!, key: 'k2', who: 'Ben' },
    { action: set!, key: 'k3', who: 'Ben' },
    { action: remove!, key: 'k3', who: 'Ben' },
    { action: set!, key: 'k4', who: 'Ana' },
    { action: unset!, key: 'k4', who: 'Ana' },
    { action: remove!, key: 'k4', who: 'Ben' },
    { action: remove!, key: 'k5', who: 'Ben', outcome: 'failure', reason: 'Two must agree. (AUTHORIZATIONS_NOT_MET)' },
  )
  const report = dualAuthorizationReport.make(events, quarter)
  expect(factsOf(report)).toEqual({
    deletions: 4,
    byTwo: 1,
    byOne: 3,
    protectionOff: 0,
    bothDuties: 0,
    refusedAlone: 1,
  })
  expect(rowsOf(report, 'exceptions').map(({ finding, target }) => [finding, target])).toEqual([
    ['one-person', 'k2'],
    ['same-person', 'k3'],
    ['one-person', 'k4'],
  ])
  expect(rowsOf(report, 'deletions')[0]).toMatchObject({ keyId: 'k1', deletedBy: 'Ben', approvedBy: 'Ana' })
})

test('what lowers the protection of two, and whoever has the duties of two, are exceptions', () => {
  const events = reportEvents(
    {
      action: 'hs-crypto.policies.write',
      who: 'Ana',
      key: 'k1',
      request: {
        initialValue: { policyDualAuthDeleteEnabled: true },
        newValue: { policyDualAuthDeleteEnabled: false },
      },
    },
    { action: 'hs-crypto.tke-cryptounit-threshold.set', who: 'Ben', request: { signatureThreshold: 1 } },
    { action: 'hs-crypto.tke-cryptounit-threshold.set', who: 'Ben', request: { signatureThreshold: 2 } },
    { action: 'iam-access.role.grant', who: 'Ana' },
  )
  const found = rowsOf(dualAuthorizationReport.make(events, quarter), 'exceptions')
  expect(found.map(({ finding, who }) => [finding, who])).toEqual([
    ['protection-off', 'Ana'],
    ['threshold-low', 'Ben'],
    ['both-duties', 'Ana'],
  ])
})

test('counts of the server give the report that the events themselves give', () => {
  const use = { action: 'hs-crypto.secrets.wrap', at: '2026-11-10T12:00:00.00+0000' }
  const events = reportEvents(
    { ...use, key: 'k1' },
    { ...use, key: 'k2', who: 'Ben' },
    { ...use, key: 'k1' },
    { ...use, key: 'k1', address: '' },
  )
  const time = '2026-11-10T12:00:00.000Z'
  const report = keyUseReport.make(events, quarter)
  const answer = {
    count: 4,
    isComplete: true,
    rows: [
      {
        values: [{ value: 'k1', name: 'k1' }, { value: 'IBMid-Ana', name: 'Ana' }, { value: '203.0.113.7' }],
        count: 2,
        first: { index: 10, time },
        newest: { index: 12, time },
      },
      {
        values: [{ value: 'k2', name: 'k2' }, { value: 'IBMid-Ben', name: 'Ben' }, { value: '203.0.113.7' }],
        count: 1,
        first: { index: 11, time },
        newest: { index: 11, time },
      },
    ],
    others: 0,
    missing: 1,
  }
  expect(report).toEqual(keyUseReport.groups?.make(foundGroups(answer)))
  expect(rowsOf(report, 'uses')[0]).toMatchObject({ keyId: 'k1', who: 'Ana', whoId: 'IBMid-Ana' })
  expect(factsOf(report)).toMatchObject({ uses: 4, keysUsed: 2, people: 2, withoutKey: 1 })
  expect(rowsOf(report, 'keyUses')[0]).toMatchObject({ keyId: 'k1', uses: 2, share: '50%', users: 1 })
})

test('an export is one, however it is told; one without an end says so', () => {
  const read = 'activity-tracker.events.export'
  const events = reportEvents(
    { action: read, outcome: 'pending', request: { format: 'csv', query: 'billing', checkpointSize: 40 } },
    { action: 'activity-tracker.events.search', who: 'Ben' },
    { action: 'activity-tracker.events.search', who: 'Ben', outcome: 'failure', code: 403 },
  )
  const report = trailReadersReport.make(events, quarter)
  expect(factsOf(report)).toEqual({ readers: 2, searches: 1, reads: 0, exports: 1, refused: 1 })
  expect(rowsOf(report, 'exports')).toMatchObject([
    { format: 'csv', asked: 'billing', checkpointSize: 40, ended: 'open' },
  ])
})

test('an alert’s times run from when it was raised; one that was opened again is open', () => {
  const alert = (name: string): string => `activity-tracker.alert.${name}`
  const at = (clock: string): string => `2026-11-10T${clock}.00+0000`
  const events = reportEvents(
    {
      action: alert('raise'),
      at: at('10:00:00'),
      target: 'Deleted',
      request: { alertSeverity: 'critical' },
      response: { alert: 'a' },
    },
    { action: alert('raise'), at: at('10:00:00'), target: 'Refused', response: { alert: 'b' } },
    { action: alert('acknowledge'), at: at('10:05:00'), who: 'Ben', request: { alert: 'a' } },
    { action: alert('close'), at: at('11:00:00'), who: 'Ben', request: { alert: 'a', comment: 'It was meant.' } },
    { action: alert('close'), at: at('10:20:00'), request: { alert: 'b' } },
    { action: alert('reopen'), at: at('10:30:00'), request: { alert: 'b' } },
  )
  const report = alertHandlingReport.make(events, quarter)
  expect(factsOf(report)).toMatchObject({
    raised: 2,
    closed: 1,
    untouched: 1,
    medianAcknowledged: 750_000,
    medianClosed: 3_600_000,
  })
  expect(rowsOf(report, 'alerts')).toMatchObject([
    {
      alert: 'Deleted',
      severity: 'critical',
      state: 'closed',
      untilAcknowledged: 300_000,
      closedBy: 'Ben',
      comment: 'It was meant.',
    },
    { alert: 'Refused', state: 'raised', closed: undefined },
  ])
})

test('rotation: in time, late, overdue, without a policy, and of keys that ended', () => {
  const rotate = 'hs-crypto.secrets.rotate'
  const policy = 'hs-crypto.policies.write'
  const interval = { newValue: { policyRotationEnabled: true, policyRotationIntervalMonth: 3 } }
  const due = (date: string): object => ({ rotationDueDate: `${date}T00:00:00.000Z` })
  const events = reportEvents(
    { action: policy, key: 'good', request: interval, response: due('2027-02-01') },
    { action: policy, key: 'late', request: interval, response: due('2026-11-11') },
    { action: rotate, key: 'late', response: due('2027-03-01') },
    { action: policy, key: 'over', request: interval, response: due('2026-12-01') },
    { action: rotate, key: 'free' },
    { action: 'hs-crypto.secrets.delete', key: 'over2' },
  )
  const report = rotationComplianceReport.make(events, quarter)
  expect(rowsOf(report, 'rotations').map(({ keyId, verdict }) => [keyId, verdict])).toEqual([
    ['good', 'in-time'],
    ['late', 'late'],
    ['over', 'overdue'],
    ['free', 'no-policy'],
    ['over2', 'ended'],
  ])
  expect(rowsOf(report, 'rotations')[1]).toMatchObject({
    intervalMonths: 3,
    rotatedLate: 1,
    due: '2027-03-01T00:00:00.000Z',
  })
  // What is due after all that is known is not overdue.
  const early = rotationComplianceReport.make(events, { ...quarter, to: Date.UTC(2026, 10, 20) })
  expect(factsOf(early)).toMatchObject({ overdue: 0, inTime: 2 })
})

test('a ceremony is told as its transcript tells it, and what is no event of one is counted', () => {
  const proved = ceremony('AZ1')
  const transcript = transcriptOf(proved)
  const events = proved.map(({ index, leafHash, event }) => reportEvent({ event }, { index, leafHash }))
  const report = ceremonyStepsReport.make([...events, reportEvent({}, { index: 99, leafHash: '' })], quarter)
  expect(factsOf(report)).toMatchObject({ steps: transcript.steps.length, units: 1, signers: 2, unreadable: 1 })
  const rows = rowsOf(report, 'ceremony')
  expect(rows.map(({ step, signed, eventId }) => [step, signed, eventId])).toEqual(
    transcript.steps.map((step) => [step.what, signedText(step), step.eventId]),
  )
  expect(rows.map(({ signers }) => signers)).toEqual(
    transcript.steps.map(({ signers }) => signers.map(personText).join('; ')),
  )
  const [unit] = transcript.units
  expect(rowsOf(report, 'unitsBeforeAfter')).toMatchObject([
    { moment: 'before', unit: unit?.location },
    {
      moment: 'after',
      signatureThreshold: unit?.after.signatureThreshold,
      currentRegister: unit?.after.currentRegister,
      administrators: unit?.after.administrators?.map(personText).join('; '),
    },
  ])
  expect(rowsOf(report, 'ceremonyPeople').map(({ keyIdentifier }) => keyIdentifier)).toEqual(
    transcript.people.map(({ ski }) => ski),
  )
})

test('the log: what was missing, what a verification found, and its keys', () => {
  const events = reportEvents(
    { action: 'activity-tracker.numbers.missing', request: { producer: 'p', epoch: 2, first: 5, last: 7, count: 3 } },
    { action: 'hs-crypto.producer.start' },
    {
      action: 'activity-tracker.log.verify',
      outcome: 'failure',
      request: { trigger: 'schedule' },
      response: { size: 9, findings: 1, firstFinding: 'entry 4' },
    },
    { action: 'activity-tracker.log-key.rotate', request: { previousKey: 'old', newKey: 'new' } },
  )
  const continuity = logContinuityReport.make(events.slice(0, 2), quarter)
  expect(factsOf(continuity)).toMatchObject({ missing: 1, starts: 1, forged: 0 })
  expect(rowsOf(continuity, 'findings')).toMatchObject([{ producer: 'p', epoch: 2, first: 5, last: 7, concerned: 3 }])
  const integrity = logIntegrityReport.make(events.slice(2), quarter)
  expect(factsOf(integrity)).toMatchObject({
    verifications: 1,
    withFindings: 1,
    keyChanges: 1,
    lastVerified: '2026-11-12T12:00:00.000Z',
  })
  expect(rowsOf(integrity, 'verifications')).toMatchObject([
    { entries: 9, firstFinding: 'entry 4', trigger: 'schedule' },
  ])
  expect(rowsOf(integrity, 'logKeys')).toMatchObject([{ previousKey: 'old', newKey: 'new' }])
})

test('retention and holds: before and after, and a hold that was released', () => {
  const events = reportEvents(
    {
      action: 'activity-tracker.retention.update',
      response: { initialValue: { retentionDays: 400 }, newValue: { retentionDays: 30 } },
    },
    {
      action: 'activity-tracker.hold.create',
      target: 'case-7',
      request: { hold: 'h', reason: 'Court', query: 'key:k1' },
    },
    { action: 'activity-tracker.hold.release', target: 'case-7', who: 'Ben', request: { hold: 'h' } },
    { action: 'activity-tracker.proposal.create', outcome: 'failure', request: { kind: 'release' } },
  )
  const report = retentionHoldsReport.make(events, quarter)
  expect(factsOf(report)).toMatchObject({
    retentionChanges: 1,
    holdsMade: 1,
    holdsReleased: 1,
    proposals: 0,
    refused: 1,
  })
  expect(rowsOf(report, 'retention')).toMatchObject([
    { before: '{"retentionDays":400}', after: '{"retentionDays":30}' },
  ])
  expect(rowsOf(report, 'holds')).toMatchObject([
    { hold: 'case-7', reason: 'Court', state: 'released', releasedBy: 'Ben' },
  ])
})

test('access: a role that was taken away again is not held; one of the account reaches the trail', () => {
  const role = (scope: string, name = 'Auditor'): object => ({ identityId: 'IBMid-Ben', role: name, scope })
  const events = reportEvents(
    { action: 'iam-access.role.grant', target: 'Ben', request: role('tracker/us-south') },
    { action: 'iam-access.role.revoke', target: 'Ben', request: role('tracker/us-south') },
    { action: 'iam-access.role.grant', target: 'Ben', request: role('account', 'Administrator') },
    { action: 'iam-access.role.grant', target: 'Ben', request: role('instance/1', 'Manager') },
  )
  const report = accessReviewReport.make(events, quarter)
  expect(factsOf(report)).toMatchObject({ granted: 3, revoked: 1, reachTrail: 1 })
  expect(rowsOf(report, 'roles').map(({ scope, reach, state }) => [scope, reach, state])).toEqual([
    ['tracker/us-south', 'tracker', 'revoked'],
    ['account', 'account', 'held'],
    ['instance/1', 'instance', 'held'],
  ])
})

const sha256 = (bytes: Uint8Array): Uint8Array => createHash('sha256').update(bytes).digest()

test('a sample is drawn again by whoever knows the seed, and only by them', () => {
  const draw = { seed: 'Q4 2026', first: 100, last: 1_099, count: 5 }
  const drawn = drawSample(draw, sha256)
  // As docs/reference/reports.md has them.
  expect(drawn).toEqual([373, 741, 441, 991, 442])
  expect(drawSample(draw, sha256)).toEqual(drawn)
  expect(drawSample({ ...draw, seed: 'Q3 2026' }, sha256)).not.toEqual(drawn)
  expect(drawSample({ ...draw, count: 60 }, sha256).slice(0, 5)).toEqual(drawn)
})

test('of a short range all is drawn, each once', () => {
  const drawn = drawSample({ seed: 's', first: 7, last: 9, count: 25 }, sha256)
  expect(drawn.toSorted((one, other) => one - other)).toEqual([7, 8, 9])
  const kind = sampleReport({ seed: 's', first: 10, last: 11, count: 2 }, [11, 10])
  expect(kind.query).toBe('index:[10, 11]')
  const report = kind.make(reportEvents({ action: 'a.b' }, { action: 'c.d' }), quarter)
  expect(rowsOf(report, 'sampled').map(({ draw, action }) => [draw, action])).toEqual([
    [1, 'c.d'],
    [2, 'a.b'],
  ])
})

test('every index is drawn about equally often', () => {
  const times = new Map<number, number>()
  for (let seed = 0; seed < 600; seed++) {
    for (const index of drawSample({ seed: String(seed), first: 0, last: 9, count: 3 }, sha256))
      times.set(index, (times.get(index) ?? 0) + 1)
  }
  // 180 of each are expected, with a deviation of eleven: these are six of them away.
  for (const index of Array.from({ length: 10 }, (_, at) => at)) {
    expect(times.get(index)).toBeGreaterThan(110)
    expect(times.get(index)).toBeLessThan(250)
  }
})
