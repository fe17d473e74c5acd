/** Several administrators, or one in several windows, at once: nothing is lost, nothing is done twice, and the trail has it in order. */
import * as fc from 'fast-check'
import { afterEach, beforeEach, expect, test } from 'vitest'
import {
  type Administrator,
  type Answered,
  authority,
  type CertificateHouse,
  openCertificateHouse,
} from './testing/certificate-house.ts'
import { newSigner } from './testing/signer.ts'

let places: CertificateHouse
beforeEach(() => {
  places = openCertificateHouse()
})
afterEach(() => places.app.close())

const certificates = Array.from({ length: 4 }, () => authority().cert)
const accepted = () => places.certificates.accepted(places.house.instance.guid)
const textOf = (value: unknown): string => (typeof value === 'string' ? value : JSON.stringify(value))
const codes = (answers: readonly Answered[]) => answers.map(({ status, code }) => textOf(code ?? status))
const fingerprints = () => accepted().anchors.map(({ fingerprint }) => fingerprint)

test('two administrators who set their certificates at once both have them', async () => {
  const [ana, ben] = [await places.administrator(), await places.administrator()]
  const answers = await Promise.all([ana.set('web'), ben.set('web'), ana.set('app'), ben.set('app')])
  expect(codes(answers)).toEqual(['200', '200', '200', '200'])
  expect(answers.map(({ body }) => textOf(body['generation'])).toSorted()).toEqual(['1', '2', '3', '4'])
  expect(fingerprints()).toHaveLength(4)
})

test('of the last two certificates, deleted at once, one says that clients need none any more', async () => {
  const [ana, ben] = [await places.administrator(), await places.administrator()]
  await Promise.all([ana.set('web'), ben.set('web')])
  const answers = await Promise.all([ana.remove('web'), ben.remove('web')])
  expect(answers.map(({ body }) => textOf(body)).toSorted()).toEqual([
    textOf({ mtlsEnabled: false, generation: 4 }),
    textOf({ mtlsEnabled: true, generation: 3 }),
  ])
  const told = places.house
    .events()
    .slice(-2)
    .map(({ responseData }) => responseData['newValue'])
  expect(told).toEqual([{ mtlsEnabled: true }, { mtlsEnabled: false }])
})

test('the last one deleted while another is set: clients need a certificate before, in between and after, or the trail says when not', async () => {
  const [ana, ben] = [await places.administrator(), await places.administrator()]
  await ana.set('web')
  await Promise.all([ana.remove('web'), ben.set('web')])
  const told = places.house
    .events()
    .slice(-2)
    .map(({ action, responseData }) => [action.split('.').pop(), responseData])
  expect(told).toMatchObject([
    ['delete', { initialValue: { mtlsEnabled: true }, newValue: { mtlsEnabled: false }, generation: 2 }],
    ['set', { initialValue: { mtlsEnabled: false }, newValue: { mtlsEnabled: true }, generation: 3 }],
  ])
})

test('two windows that make the first key at once have made one', async () => {
  const ana = await places.administrator(false)
  const [one, other] = [newSigner(), newSigner()]
  ana.signer = one
  const first = ana.command('POST', '/adminkey', { publicKey: one.publicKey })
  ana.signer = other
  const second = ana.command('POST', '/adminkey', { publicKey: other.publicKey })
  const answers = await Promise.all([places.send(first), places.send(second)])
  expect(codes(answers).toSorted()).toEqual(['200', 'CERT_KEY_EXISTS'])
  const won = answers[0]?.status === 200 ? one : other
  expect((await ana.get('/adminkey')).body['keyId']).toBe(won.id)
})

test('a key that is replaced in one window signs nothing more in the other, and cannot be replaced twice', async () => {
  const ana = await places.administrator()
  const old = ana.signer
  const set = ana.command('PUT', '/certs/web', { certificate: certificates[0] })
  const [updated, done] = await Promise.all([ana.updateKey(), places.send(set)])
  expect(updated.status).toBe(200)
  expect(['200', 'CERT_SIGNER_UNKNOWN']).toContain(codes([done])[0])
  expect(fingerprints()).toHaveLength(done.status === 200 ? 1 : 0)
  const { signer } = ana
  ana.signer = old
  expect(codes([await ana.set('late')])).toEqual(['CERT_SIGNER_UNKNOWN'])
  ana.signer = signer
  const both = await Promise.all([ana.updateKey(), ana.updateKey()])
  expect(codes(both).toSorted()).toEqual(['200', 'CERT_SIGNER_UNKNOWN'])
})

test.each(['key', 'certificate'])(
  'of a key that is deleted and a certificate that is set at once, the %s first, it is told what is left behind',
  async (first) => {
    const ana = await places.administrator()
    const drop = ana.command('DELETE', '/adminkey')
    const set = ana.command('PUT', '/certs/web', { certificate: certificates[0] })
    const [one, other] = await Promise.all(
      (first === 'key' ? [drop, set] : [set, drop]).map((sent) => places.send(sent)),
    )
    const [left, done] = first === 'key' ? [one, other] : [other, one]
    expect(left?.status).toBe(200)
    // Whichever came first: a certificate that was set is counted, and one that was not, is not there.
    expect(left?.body['orphanedCerts']).toBe(fingerprints().length)
    expect(done?.code).toBe(fingerprints().length === 0 ? 'CERT_KEY_MISSING' : undefined)
  },
)

test('the role that is taken away in between keeps a command from being done', async () => {
  const ana = await places.administrator()
  const sent = places.send(ana.command('PUT', '/certs/web', { certificate: certificates[0] }))
  places.house.store.run('DELETE FROM role_grants WHERE identity = ?', [ana.caller.id])
  expect(codes([await sent])).toEqual(['UNAUTHORIZED_ERR'])
  expect(fingerprints()).toEqual([])
})

/** What one administrator does; the number tells which certificate or id. */
type Step = readonly ['set' | 'remove' | 'create' | 'update' | 'drop', number]

const step: fc.Arbitrary<Step> = fc.tuple(
  fc.constantFrom('set', 'set', 'set', 'remove', 'remove', 'create', 'update', 'drop'),
  fc.nat(2),
)

function begin(administrator: Administrator, [what, which]: Step): Promise<Answered> {
  switch (what) {
    case 'set':
      return administrator.set(`c${which}`, certificates[which])
    case 'remove':
      return administrator.remove(`c${which}`)
    case 'create':
      return administrator.createKey()
    case 'update':
      return administrator.updateKey()
    case 'drop':
      return administrator.deleteKey()
  }
}

test('whatever several administrators do at once, what they were told is what an order of it leads to', async () => {
  const turns = fc.array(fc.array(fc.tuple(fc.nat(2), step), { minLength: 1, maxLength: 4 }), { maxLength: 8 })
  await fc.assert(
    fc.asyncProperty(turns, async (rounds) => {
      await places.app.close()
      places = openCertificateHouse()
      const people = [await places.administrator(), await places.administrator(), await places.administrator()]
      const told = places.house.events().length
      const answers = []
      for (const round of rounds) {
        places.elapse(60_000)
        answers.push(...(await Promise.all(round.map(([who, one]) => begin(people[who] as Administrator, one)))))
      }
      const events = places.house.events().slice(told)
      // One event each, and the trail tells the same of each as its answer.
      expect(events).toHaveLength(answers.length)
      const idOf = ({ headers }: Answered): unknown => headers['keywitness-event-id']
      for (const answer of answers) {
        const event = events.find(({ id }) => id === idOf(answer))
        expect(event?.reason.reasonCode).toBe(answer.status)
        expect([200, 403, 404, 409]).toContain(answer.status)
        expect(answer.code).not.toBe('CONFLICT')
      }
      // The successes, in the order of the trail, lead to the state there is.
      const state = new Map<string, string>()
      let generation = 0
      for (const { action, outcome, initiator, requestData, responseData } of events) {
        const verb = action.split('.').pop() ?? ''
        if (outcome !== 'success' || !action.startsWith('hs-crypto.mtlscert-cert.')) continue
        const name = `${initiator.id} ${textOf(requestData['certificateId'])}`
        expect(responseData['initialValue']).toEqual({ mtlsEnabled: state.size > 0 })
        expect(responseData['action']).toBe(verb === 'delete' ? 'delete' : state.has(name) ? 'update' : 'create')
        expect(verb).toBe(verb === 'delete' && !state.delete(name) ? 'a deletion of nothing' : verb)
        if (verb === 'set') state.set(name, textOf(requestData['fingerprint']))
        generation += 1
        expect(responseData).toMatchObject({ generation, newValue: { mtlsEnabled: state.size > 0 } })
      }
      expect(accepted().generation).toBe(generation)
      expect(fingerprints()).toEqual([...new Set(state.values())].toSorted())
    }),
    { numRuns: 25 },
  )
}, 30_000)
