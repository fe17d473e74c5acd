/** Recoveries in races and crashes: of those who are quick at the same time one counts, and nothing is done by halves. */
import { afterEach, beforeEach, expect, test } from 'vitest'
import {
  type Administrator,
  type Answered,
  type CertificateHouse,
  openCertificateHouse,
} from '../testing/certificate-house.ts'
import { day, overtake, type Owner, owner, pass, run } from './testing/owners.ts'

let places: CertificateHouse
let ana: Administrator
let olga: Owner
let otto: Owner
beforeEach(async () => {
  places = openCertificateHouse()
  ana = await places.administrator()
  await ana.set('web')
  await ana.set('app')
  olga = owner(places, 'olga')
  otto = owner(places, 'otto')
})
afterEach(() => places.app.close())

const accepted = () => places.certificates.accepted(places.house.instance.guid)
const codeOf = ({ status, code }: Answered) => code ?? status
const actions = (events: readonly { action: string; outcome: string }[]) =>
  events.map(({ action, outcome }) => `${action.split('.').slice(1).join('.')} ${outcome}`)

async function proposed(removes = 'admin-key-and-certificates'): Promise<unknown> {
  const { status, body, text } = await olga.propose(ana.caller.id, removes)
  if (status !== 200) throw new Error(text)
  return body['id']
}

async function approved(): Promise<unknown> {
  const id = await proposed()
  expect((await otto.approve(id)).status).toBe(200)
  return id
}

async function stateOf(id: unknown): Promise<unknown> {
  const { recoveries } = (await olga.list()).body as { recoveries: { id: unknown; state: string }[] }
  return recoveries.find((one) => one.id === id)?.state
}

/** A third person, made when needed. */
const petra = () => owner(places, 'petra')

function dismiss({ caller }: Owner): Promise<void> {
  run(places, { sql: 'DELETE FROM role_grants WHERE identity = ?', params: [caller.id] })
  return Promise.resolve()
}

/** Everything that a recovery changes. */
function rows(): unknown {
  const all = (table: string): unknown[] => places.house.store.all(`SELECT * FROM ${table}`)
  return ['certificate_admin_keys', 'accepted_certificates', 'certificate_recoveries', 'outbox', 'instances'].map(all)
}

test('of proposals about one administrator at once, one counts', async () => {
  overtake(places, () => otto.propose(ana.caller.id, 'admin-key-and-certificates'))
  expect(codeOf(await olga.propose(ana.caller.id))).toBe('ALREADY_EXISTS')
  expect((await olga.list()).body['recoveries']).toMatchObject([{ proposedBy: { name: 'otto' } }])
})

test('a key that goes while its removal is proposed leaves nothing to propose', async () => {
  overtake(places, () => ana.deleteKey())
  expect(codeOf(await olga.propose(ana.caller.id))).toBe('CERT_NOTHING_TO_RECOVER')
})

const quicker = {
  'is withdrawn': [(id: unknown) => olga.withdraw(id), 'PROPOSAL_CLOSED', 'withdrawn'],
  'is approved by another': [(id: unknown) => petra().approve(id), 'PROPOSAL_CLOSED', 'approved'],
  'is about a key that is replaced': [() => ana.updateKey(), 'PROPOSAL_OUTDATED', 'open'],
  'is of somebody who loses the role': [() => dismiss(olga), 'PROPOSER_WITHOUT_RIGHT', 'open'],
} as const

test.each(Object.entries(quicker))('what %s in that moment is not approved', async (_, [act, code, state]) => {
  const id = await proposed()
  overtake(places, () => act(id))
  expect(codeOf(await otto.approve(id))).toBe(code)
  const { recoveries } = (await otto.list()).body as { recoveries: unknown[] }
  expect(recoveries).toMatchObject([{ state }])
})

test('what is approved in the moment of its withdrawal is withdrawn all the same', async () => {
  const id = await proposed()
  overtake(places, () => otto.approve(id))
  expect(await olga.withdraw(id)).toMatchObject({
    status: 200,
    body: { state: 'withdrawn', approvedBy: { name: 'otto' } },
  })
  expect(await pass(places, 2 * day)).toEqual([])
})

test('withdrawn in the moment it is performed, it is stopped whole', async () => {
  const id = await approved()
  overtake(places, () => olga.withdraw(id))
  expect(actions(await pass(places, day))).toEqual(['mtlscert-recovery.withdraw success'])
  expect([await stateOf(id), accepted().anchors.length]).toEqual(['withdrawn', 2])
  expect((await ana.set('new')).status).toBe(200)
})

test('performed in the moment of a withdrawal, it is done whole', async () => {
  const id = await approved()
  overtake(places, () => pass(places, day))
  expect(codeOf(await olga.withdraw(id))).toBe('PROPOSAL_CLOSED')
  expect([await stateOf(id), accepted().anchors.length]).toEqual(['performed', 0])
})

const certificates = (count: number) => Array.from({ length: count }, () => 'mtlscert-cert.delete success')
const done = (count: number) => [
  'mtlscert-admin-key.delete success',
  ...certificates(count),
  'mtlscert-recovery.perform success',
]

const acts = {
  'deletes the key': [
    () => ana.deleteKey(),
    ['mtlscert-admin-key.delete success', 'mtlscert-recovery.perform failure'],
  ],
  'replaces the key': [
    () => ana.updateKey(),
    ['mtlscert-admin-key.update success', 'mtlscert-recovery.perform failure'],
  ],
  'deletes a certificate': [() => ana.remove('web'), ['mtlscert-cert.delete success', ...done(1)]],
  'sets a certificate': [() => ana.set('new'), ['mtlscert-cert.set success', ...done(3)]],
} as const

test.each(Object.entries(acts))('its administrator %s in the moment it is performed', async (_, [act, told]) => {
  const id = await approved()
  // Time goes by for the administrator, too, whose command would be stale.
  places.house.time += day
  overtake(places, act)
  const events = await pass(places, 0)
  expect(actions(events)).toEqual(told)
  expect(await stateOf(id)).toBe(told.at(-1)?.endsWith('failure') === true ? 'outdated' : 'performed')
  expect(events.at(-1)?.responseData).toMatchObject({
    generation: accepted().generation,
    newValue: { mtlsEnabled: accepted().anchors.length > 0 },
  })
})

test.each(Object.entries(acts))(
  'performed in the moment in which its administrator %s, that is refused',
  async (_, [act]) => {
    const id = await approved()
    places.house.time += day
    overtake(places, () => pass(places, 0))
    expect(codeOf(await act())).toBe('CERT_KEY_MISSING')
    expect([await stateOf(id), accepted().anchors.length]).toEqual(['performed', 0])
  },
)

test('another administrator who changes certificates in that moment shows in what is told of it', async () => {
  const ben = await places.administrator()
  await approved()
  places.house.time += day
  overtake(places, () => ben.set('own'))
  const events = await pass(places, 0)
  expect(actions(events)).toEqual(['mtlscert-cert.set success', ...done(2)])
  expect(events.slice(1).map(({ responseData }) => responseData['newValue'])).toEqual(
    Array.from({ length: 4 }, () => ({ mtlsEnabled: true })),
  )
  expect(events.at(-1)?.responseData['generation']).toBe(accepted().generation)
})

test('two servers that look at once perform it once', async () => {
  await approved()
  overtake(places, () => pass(places, 0))
  expect(actions(await pass(places, day))).toEqual(done(2))
})

test('approved a moment before it lapses, it does not lapse', async () => {
  const id = await proposed()
  overtake(places, async () => {
    places.house.time -= 1
    expect((await otto.approve(id)).status).toBe(200)
    places.house.time += 1
  })
  expect(actions(await pass(places, 7 * day))).toEqual(['mtlscert-recovery.approve success'])
  expect(await stateOf(id)).toBe('approved')
})

/** Where the commit breaks off: at each statement, and at each event. */
const breaks = [
  'BEFORE DELETE ON certificate_admin_keys',
  "BEFORE DELETE ON accepted_certificates WHEN old.id = 'app'",
  "BEFORE DELETE ON accepted_certificates WHEN old.id = 'web'",
  'BEFORE UPDATE ON certificate_recoveries',
  'AFTER UPDATE ON instances',
  ...[0, 1, 2, 3].map((events) => `BEFORE INSERT ON outbox WHEN (SELECT count(*) FROM outbox) = $before + ${events}`),
]

test.each(breaks)('a commit that breaks off %s has changed nothing, and the next start performs it', async (where) => {
  const id = await approved()
  const before = rows()
  const { count } = places.house.store.get<{ count: number }>('SELECT count(*) AS count FROM outbox') ?? { count: 0 }
  places.house.store.exec(`CREATE TRIGGER broken ${where.replace('$before', String(count))}
    BEGIN SELECT RAISE(ABORT, 'broken off'); END`)
  expect(await pass(places, day)).toEqual([])
  expect(rows()).toEqual(before)
  run(places, { sql: 'DROP TRIGGER broken', params: [] })
  places.restart()
  expect(await pass(places, 0)).toHaveLength(4)
  expect(await stateOf(id)).toBe('performed')
  expect(accepted().anchors).toEqual([])
})

test('the store itself takes no recovery whose two people are one', async () => {
  const id = await proposed()
  expect(() =>
    run(places, {
      sql: "UPDATE certificate_recoveries SET state = 'approved', approved_by = proposed_by, due_at = 1 WHERE id = ?",
      params: [String(id)],
    }),
  ).toThrow('CHECK constraint failed')
})
