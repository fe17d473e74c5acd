/** The lifecycle flow with adopting services: told, acknowledged, contradicted, overdue; each end once, with its event. */
import { expect, test } from 'vitest'
import { disableKey } from '../keys/disable.ts'
import { enableKey } from '../keys/enable.ts'
import { deleteKey } from '../keys/delete.ts'
import { restoreKey } from '../keys/restore.ts'
import { rotateKey } from '../keys/rotate.ts'
import { syncKey } from '../keys/sync.ts'
import { codeOf } from '../keys/testing/house.ts'
import { addKey } from '../keys/testing/wishes.ts'
import { lifecycleLimits } from './limits.ts'
import { type AdoptingHouse, crnOf, openAdoptingHouse } from './testing/adopting-house.ts'

const fourHours = lifecycleLimits.acknowledgeWithinMs
const correlationId = '44444444-4444-4444-8444-444444444444'

/** A key with one resource of each of `count` services. */
async function adopted(count = 1) {
  const adopting = openAdoptingHouse()
  const key = await addKey(adopting.house)
  const services = Array.from({ length: count }, () => adopting.adopter())
  for (const [at, service] of services.entries()) await adopting.register(service, key.id, crnOf(`r${at}`))
  return { adopting, house: adopting.house, key, services }
}

const disable = ({ house }: AdoptingHouse, id: string) =>
  house.run('hs-crypto.secrets.disable', disableKey({ ...house.call(), correlationId }, id, house.parts))
const enable = ({ house }: AdoptingHouse, id: string) =>
  house.run('hs-crypto.secrets.enable', enableKey(house.call(), id, house.parts))
const rotate = ({ house }: AdoptingHouse, id: string) =>
  house.run(
    'hs-crypto.secrets.rotate',
    rotateKey(house.call(), id, () => ({ material: undefined, secure: undefined }), house.parts),
  )
const erase = ({ house }: AdoptingHouse, id: string) =>
  house.run(
    'hs-crypto.secrets.delete',
    deleteKey(house.call(), id, () => ({ force: true, representation: false }), house.parts),
  )
const sync = ({ house }: AdoptingHouse, id: string) =>
  house.run('hs-crypto.secrets.sync', syncKey(house.call(), id, house.parts))

const ends = ({ house }: AdoptingHouse) =>
  house.events().filter(({ action }) => action.startsWith('hs-crypto.secrets.ack-'))

test('a key without registrations is nobody’s business', async () => {
  const adopting = openAdoptingHouse()
  const key = await addKey(adopting.house)
  await disable(adopting, key.id)
  expect([adopting.messages(), adopting.actions.nextDue()]).toEqual([[], undefined])
})

test('each service gets one message with its own resources', async () => {
  const { adopting, key, services } = await adopted(2)
  const [first] = services
  if (first === undefined) throw new Error('no service')
  await adopting.register(first, key.id, crnOf('more'))
  await rotate(adopting, key.id)
  const messages = adopting.messages()
  expect(messages.map(({ type, data }) => [type, [...data.resources]])).toEqual([
    ['key.rotated', [crnOf('more'), crnOf('r0')]],
    ['key.rotated', [crnOf('r1')]],
  ])
  expect(messages[0]?.data).toMatchObject({ eventType: 'rotation', oldKeyVersion: { id: key.id }, totalResources: 2 })
  expect(new Set(messages.map(({ data }) => data.eventId)).size).toBe(1)
})

test('the action is complete when the last service has acknowledged, and its event says so once', async () => {
  const { adopting, house, key, services } = await adopted(2)
  await disable(adopting, key.id)
  const { eventId } = adopting.messages()[0]?.data ?? { eventId: '' }
  const [first, second] = services
  if (first === undefined || second === undefined) throw new Error('no services')
  await adopting.acknowledge(first, { eventId, state: 'DEK_DISABLED' })
  expect(ends(adopting)).toEqual([])
  await adopting.acknowledge(second, { eventId, state: 'DEK_DISABLED', at: house.time - 1_000 })
  const [event, ...more] = ends(adopting)
  expect(more).toEqual([])
  expect(event).toMatchObject({
    action: 'hs-crypto.secrets.ack-disable',
    outcome: 'success',
    severity: 'normal',
    correlationId,
    reason: { reasonCode: 200 },
    initiator: { id: second.id },
    target: { id: expect.stringContaining(`:key:${key.id}`), name: 'billing' },
    responseData: { eventAckData: { eventId, eventType: 'disabling', keyState: 'DEK_DISABLED' } },
  })
  await adopting.pass(fourHours + 1)
  expect(ends(adopting)).toHaveLength(1)
})

test('services that acknowledge at the same moment end the action once', async () => {
  const { adopting, house, key, services } = await adopted(8)
  await disable(adopting, key.id)
  const { eventId } = adopting.messages()[0]?.data ?? { eventId: '' }
  await Promise.all(services.map((service) => adopting.acknowledge(service, { eventId, state: 'DEK_DISABLED' })))
  expect(ends(adopting).map(({ outcome }) => outcome)).toEqual(['success'])
  expect(house.events().filter(({ outcome }) => outcome === 'failure')).toEqual([])
})

test('an acknowledgement told twice is taken twice; another one after it is refused', async () => {
  const { adopting, house, key, services } = await adopted(2)
  const [service] = services
  if (service === undefined) throw new Error('no service')
  await disable(adopting, key.id)
  const { eventId } = adopting.messages()[0]?.data ?? { eventId: '' }
  await adopting.acknowledge(service, { eventId, state: 'DEK_DISABLED' })
  await adopting.acknowledge(service, { eventId, state: 'DEK_DISABLED' })
  expect(adopting.actions.find(eventId)?.remaining).toBe(1)
  const other = adopting.acknowledging(service, { eventId, state: 'DEK_DELETED' })
  const refusal = await house.refused('hs-crypto.secrets-event.ack', other, house.call(service))
  expect(codeOf(refusal)).toEqual(['ACKNOWLEDGEMENT_CLOSED', 409])
})

test('a state that contradicts the key ends the action with 409, and names the resource', async () => {
  const { adopting, key, services } = await adopted(2)
  const [service, late] = services
  if (service === undefined || late === undefined) throw new Error('no services')
  await erase(adopting, key.id)
  const { eventId } = adopting.messages()[0]?.data ?? { eventId: '' }
  await adopting.acknowledge(service, { eventId, state: 'DEK_DISABLED' })
  const [event] = ends(adopting)
  expect(event).toMatchObject({
    action: 'hs-crypto.secrets.ack-delete',
    outcome: 'failure',
    severity: 'warning',
    reason: { reasonCode: 409, reasonForFailure: expect.stringContaining('conflicts') },
    responseData: { resourceCRN: crnOf('r0'), reasonForFailure: expect.stringContaining('conflicts') },
  })
  // The other service's report is still taken; the action stays as it ended.
  await adopting.acknowledge(late, { eventId, state: 'DEK_DELETED' })
  await adopting.pass(fourHours + 1)
  expect(ends(adopting)).toHaveLength(1)
})

test('four hours without the last acknowledgement end the action with 408, once, also when nobody ran meanwhile', async () => {
  const { adopting, house, key, services } = await adopted(2)
  const [service, silent] = services
  if (service === undefined || silent === undefined) throw new Error('no services')
  await disable(adopting, key.id)
  const { eventId } = adopting.messages()[0]?.data ?? { eventId: '' }
  await adopting.acknowledge(service, { eventId, state: 'DEK_DISABLED' })
  await adopting.pass(fourHours - 1)
  expect(ends(adopting)).toEqual([])
  await adopting.pass(1)
  await adopting.pass(fourHours)
  expect(ends(adopting)).toHaveLength(1)
  expect(ends(adopting)[0]).toMatchObject({
    action: 'hs-crypto.secrets.ack-disable',
    outcome: 'failure',
    correlationId,
    reason: { reasonCode: 408 },
    initiator: { id: 'iam-ServiceId-keywitness' },
    responseData: { resourceCRN: crnOf('r1'), reasonForFailure: expect.stringContaining('within 4 hours') },
  })
  const tooLate = adopting.acknowledging(silent, { eventId, state: 'DEK_DISABLED' })
  const refusal = await house.refused('hs-crypto.secrets-event.ack', tooLate, house.call(silent))
  expect(codeOf(refusal)).toEqual(['ACKNOWLEDGEMENT_CLOSED', 409])
})

test('a clock that is set back does not end what was ended again, and ends nothing early', async () => {
  const { adopting, key } = await adopted()
  await disable(adopting, key.id)
  await adopting.pass(fourHours)
  await adopting.pass(-2 * fourHours)
  await adopting.pass(2 * fourHours)
  expect(ends(adopting)).toHaveLength(1)
})

test('an action whose last acknowledgement was recorded just before a crash is ended by the next process', async () => {
  const { adopting, key, services } = await adopted()
  const [service] = services
  if (service === undefined) throw new Error('no service')
  await disable(adopting, key.id)
  const { eventId } = adopting.messages()[0]?.data ?? { eventId: '' }
  adopting.isCutShort = true
  await adopting.acknowledge(service, { eventId, state: 'DEK_DISABLED' })
  expect(ends(adopting)).toEqual([])
  await adopting.pass(0)
  await adopting.pass(0)
  expect(ends(adopting).map(({ outcome }) => outcome)).toEqual(['success'])
})

test('after a rotation the version counts: the new one moves the registration, an older one contradicts', async () => {
  const { adopting, house, key, services } = await adopted(2)
  const [service, behind] = services
  if (service === undefined || behind === undefined) throw new Error('no services')
  const rotated = await rotate(adopting, key.id)
  const { eventId } = adopting.messages()[0]?.data ?? { eventId: '' }
  const without = adopting.acknowledging(service, { eventId, state: 'DEK_ENABLED' })
  const refused = await house.refused('hs-crypto.secrets-event.ack', without, house.call(service))
  expect([...codeOf(refused), refused.at?.name]).toEqual(['INVALID_FIELD_ERR', 400, 'rewrappedKeyVersion'])
  const strange = adopting.acknowledging(service, { eventId, state: 'DEK_ENABLED', version: correlationId })
  expect(codeOf(await house.refused('hs-crypto.secrets-event.ack', strange, house.call(service)))).toEqual([
    'KEY_VERSION_INVALID',
    422,
  ])
  await adopting.acknowledge(service, { eventId, state: 'DEK_ENABLED', version: rotated.newest })
  const { registrations } = adopting.registrationParts
  expect(registrations.find(key.instance, key.id, crnOf('r0'))).toMatchObject({ version: rotated.newest, revision: 2 })
  house.time += 1
  await adopting.acknowledge(behind, { eventId, state: 'DEK_ENABLED', version: key.newest })
  expect(ends(adopting)[0]).toMatchObject({ reason: { reasonCode: 409 }, responseData: { resourceCRN: crnOf('r1') } })
})

test('a service may report its resources one by one, and drop a registration with the report', async () => {
  const { adopting, key, services } = await adopted()
  const [service] = services
  if (service === undefined) throw new Error('no service')
  await adopting.register(service, key.id, crnOf('second'))
  await erase(adopting, key.id)
  const { eventId } = adopting.messages()[0]?.data ?? { eventId: '' }
  const report = { eventId, state: 'DEK_DELETED', deletesRegistration: true } as const
  await adopting.acknowledge(service, { ...report, crn: crnOf('r0') })
  expect(ends(adopting)).toEqual([])
  expect(adopting.registrationParts.registrations.count(key.instance, key.id)).toBe(1)
  await adopting.acknowledge(service, report)
  expect(adopting.registrationParts.registrations.count(key.instance, key.id)).toBe(0)
  expect(ends(adopting).map(({ outcome }) => outcome)).toEqual(['success'])
})

test('another service’s event is unknown, and people acknowledge nothing', async () => {
  const { adopting, house, key } = await adopted()
  await disable(adopting, key.id)
  const { eventId } = adopting.messages()[0]?.data ?? { eventId: '' }
  const stranger = adopting.adopter()
  const foreign = adopting.acknowledging(stranger, { eventId, state: 'DEK_DISABLED' })
  expect(codeOf(await house.refused('hs-crypto.secrets-event.ack', foreign, house.call(stranger)))).toEqual([
    'NOT_FOUND',
    404,
  ])
  const person = { ...house.caller(['Manager']), kind: 'user' } as const
  const theirs = adopting.acknowledging(person, { eventId, state: 'DEK_DISABLED' })
  expect(codeOf(await house.refused('hs-crypto.secrets-event.ack', theirs, house.call(person)))).toEqual([
    'SERVICE_ONLY_ERR',
    403,
  ])
  expect(house.lastEvent()).toMatchObject({ action: 'hs-crypto.secrets-event.ack', severity: 'critical' })
})

test('a synchronisation repeats the last action', async () => {
  const { adopting, house, key } = await adopted()
  await disable(adopting, key.id)
  house.time += 3_600_001
  await enable(adopting, key.id)
  house.time += 3_600_001
  await sync(adopting, key.id)
  const told = adopting.messages().map(({ type, data }) => [type, data.isRepeated])
  expect(told).toEqual([
    ['key.disabled', false],
    ['key.enabled', false],
    ['key.enabled', true],
  ])
})

test('a deletion decided before a resource was registered decides again, and is refused', async () => {
  const { adopting, house, key, services } = await adopted()
  const [service] = services
  if (service === undefined) throw new Error('no service')
  let decisions = 0
  const wish = () => ({ force: false, representation: false })
  const other = await addKey(house)
  const refusal = await house.refused('hs-crypto.secrets.delete', async (seen) => {
    const done = await deleteKey(house.call(), other.id, wish, house.parts)(seen)
    decisions += 1
    if (decisions === 1) await adopting.register(service, other.id, crnOf('meanwhile'))
    return done
  })
  expect([codeOf(refusal), decisions]).toEqual([['PROTECTED_RESOURCE_ERR', 409], 1])
  expect(key.id).not.toBe(other.id)
})

test.each([
  ['DEK_ENABLED', 'success'],
  ['DEK_DELETED', 'failure'],
] as const)('enabling and restoring with a service that reports %s end with %s', async (state, outcome) => {
  const { adopting, house, key, services } = await adopted()
  const [service] = services
  if (service === undefined) throw new Error('no service')
  const reportLast = async (): Promise<void> => {
    const { eventId, keyVersion } = adopting.messages().at(-1)?.data ?? { eventId: '', keyVersion: { id: '' } }
    await adopting.acknowledge(service, { eventId, state, version: keyVersion.id })
  }
  await disable(adopting, key.id)
  house.time += 60_000
  await enable(adopting, key.id)
  await reportLast()
  await erase(adopting, key.id)
  house.time += 60_000
  await house.run(
    'hs-crypto.secrets.restore',
    restoreKey(house.call(), key.id, () => ({ byToken: false }), house.parts),
  )
  await reportLast()
  expect(ends(adopting).map((event) => [event.action, event.outcome])).toEqual([
    ['hs-crypto.secrets.ack-enable', outcome],
    ['hs-crypto.secrets.ack-restore', outcome],
  ])
})

test('finished actions are forgotten after thirty days', async () => {
  const { adopting, house, key } = await adopted()
  await disable(adopting, key.id)
  await adopting.pass(fourHours)
  const { eventId } = adopting.messages()[0]?.data ?? { eventId: '' }
  expect(adopting.actions.find(eventId)?.state).toBe('overdue')
  await adopting.pass(lifecycleLimits.finishedKeepMs + 2)
  expect(adopting.actions.find(eventId)).toBeUndefined()
  expect(house.store.all('SELECT * FROM lifecycle_acknowledgements')).toEqual([])
})
