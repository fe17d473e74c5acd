/** Signed commands: forged, sent again, too old, too new, meant for somebody or something else, and proved from the trail alone. */
import { createHash, createPublicKey, generateKeyPairSync, randomBytes, sign, verify } from 'node:crypto'
import { gzipSync } from 'node:zlib'
import {
  type ActivityEvent,
  certificateCommandHeaders as headers,
  certificateCommandText,
  keyProofText,
} from '@keywitness/cadf'
import { p521 } from '@noble/curves/nist.js'
import * as fc from 'fast-check'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { factsOf } from '../keys/testing/house.ts'
import {
  type Administrator,
  authority,
  type CertificateHouse,
  openCertificateHouse,
  type Sent,
} from './testing/certificate-house.ts'
import { newNonce, newSigner, proofOf } from './testing/signer.ts'

let places: CertificateHouse
let ana: Administrator
beforeEach(async () => {
  places = openCertificateHouse()
  ana = await places.administrator()
})
afterEach(() => places.app.close())

const generation = () => places.certificates.accepted(places.house.instance.guid).generation
const events = () => places.house.events().length
const certificate = authority().cert

/** What a refused command answers and leaves: one event, critical, and nothing changed. */
async function refused(sent: Sent): Promise<[number, unknown]> {
  places.elapse(10_000)
  const before = [generation(), events()] as const
  const { status, code, text } = await places.send(sent)
  expect([generation(), events()]).toEqual([before[0], before[1] + 1])
  expect(factsOf(places.house.lastEvent())).toMatchObject({ outcome: 'failure', severity: 'critical', code: status })
  expect(text).not.toContain(sent.body?.toString() ?? ana.signer.publicKey)
  return [status, code]
}

test('each part of the signed text counts: a command signed for another one is wrong', async () => {
  const other = {
    method: 'DELETE',
    path: places.path('/certs/other'),
    instance: places.house.foreign.crn,
    caller: 'iam-ServiceId-somebody',
    body: JSON.stringify({ certificate: authority().cert }),
  }
  for (const [name, value] of Object.entries(other)) {
    const sent = ana.command('PUT', '/certs/web', { certificate }, { [name]: value })
    expect([name, ...(await refused(sent))]).toEqual([name, 403, 'CERT_SIGNATURE_WRONG'])
  }
  const sent = ana.command('PUT', '/certs/web', { certificate })
  for (const changed of [
    { [headers.timestamp]: String(places.house.time + 1) },
    { [headers.nonce]: newNonce() },
    { [headers.signature]: ana.command('PUT', '/certs/web', { certificate }).headers?.[headers.signature] ?? '' },
  ]) {
    const forged = { ...sent, headers: { ...sent.headers, ...changed } }
    expect(await refused(forged)).toEqual([403, 'CERT_SIGNATURE_WRONG'])
  }
  // None of them has spent the nonce of the true one.
  expect((await places.send(sent)).status).toBe(200)
})

test('whatever is altered in a command, it is refused, and the true one is still good', async () => {
  const text = JSON.stringify({ certificate })
  const at = (length: number) => fc.nat(length - 1)
  const characterOf = (some: string) => fc.constantFrom(...some.split(''))
  const alterations = fc.oneof(
    fc.record({
      part: fc.constantFrom(...Object.values(headers)),
      at: at(1_000),
      to: characterOf('0aAzZ9+/-_= '),
    }),
    fc.record({ part: fc.constant('body'), at: at(text.length), to: characterOf('0aAzZ9+/-_ ') }),
    fc.record({ part: fc.constant('path'), at: fc.constantFrom(-1, -2, -3), to: characterOf('abcXYZ09._-') }),
  )
  const replace = (value: string, index: number, to: string): string => {
    const position = index < 0 ? value.length + index : index % value.length
    return value.slice(0, position) + to + value.slice(position + 1)
  }
  await fc.assert(
    fc.asyncProperty(alterations, async ({ part, at: index, to }) => {
      const sent = ana.command('PUT', '/certs/web', { certificate })
      const forged =
        part === 'body'
          ? { ...sent, body: replace(text, index, to) }
          : part === 'path'
            ? { ...sent, path: replace(sent.path, index, to) }
            : { ...sent, headers: { ...sent.headers, [part]: replace(sent.headers?.[part] ?? '', index, to) } }
      fc.pre(JSON.stringify(forged) !== JSON.stringify(sent))
      const [status] = await refused(forged)
      expect([400, 403]).toContain(status)
      expect((await places.send(sent)).status).toBe(200)
    }),
    { numRuns: 60 },
  )
})

test('a command without a signature, or with one in another form, says which header is at fault', async () => {
  const sent = ana.command('DELETE', '/adminkey')
  for (const name of Object.values(headers)) {
    const { [name]: _, ...others } = sent.headers ?? {}
    expect(await refused({ ...sent, headers: others })).toEqual([403, 'CERT_SIGNATURE_MISSING'])
  }
  const bad = {
    [headers.keyId]: [ana.signer.id.toUpperCase(), ana.signer.id.slice(1), `${ana.signer.id}0`, ''],
    [headers.timestamp]: [
      '0',
      '1772366400',
      '01772366400000',
      '17723664000000',
      '+1772366400000',
      '1772366400.00',
      '1e12',
    ],
    [headers.nonce]: ['', 'a'.repeat(22), 'a'.repeat(21), 'a'.repeat(1_000), `${newNonce()}==`, '+'.repeat(21) + 'A'],
    [headers.signature]: ['', 'AAAA', 'M'.repeat(188), randomBytes(139).toString('base64'), 'é'],
  }
  for (const [name, values] of Object.entries(bad)) {
    for (const value of values) {
      const [status, code] = await refused({ ...sent, headers: { ...sent.headers, [name]: value } })
      expect([name, value, status, code]).toEqual([name, value, 400, 'INVALID_FIELD_ERR'])
      expect(places.house.lastEvent().reason.reasonForFailure).toContain(name)
    }
  }
  expect(await refused({ ...sent, path: `${sent.path}?x=1` })).toEqual([400, 'INVALID_QUERY_PARAM_ERR'])
  expect(await refused({ ...sent, path: `${sent.path}?limit=5` })).toEqual([400, 'INVALID_QUERY_PARAM_ERR'])
})

test('the body counts as it was sent: a compressed one by its compressed bytes', async () => {
  const body = gzipSync(JSON.stringify({ certificate }))
  const plain = ana.command('PUT', '/certs/web', { certificate })
  const encoded = { 'content-encoding': 'gzip' }
  expect(await refused({ ...plain, body, headers: { ...plain.headers, ...encoded } })).toEqual([
    403,
    'CERT_SIGNATURE_WRONG',
  ])
  const sent = ana.command('PUT', '/certs/web', undefined, { body })
  expect((await places.send({ ...sent, body, headers: { ...sent.headers, ...encoded } })).status).toBe(200)
  const { contentHash } = places.house.lastEvent().requestData
  expect(contentHash).toBe(createHash('sha256').update(body).digest('hex'))
})

test('a command is good for five minutes on both sides of its time', async () => {
  const now = places.house.time
  const at = (shift: number) => ana.command('PUT', '/certs/web', { certificate }, { timestamp: String(now + shift) })
  for (const shift of [-300_001, 300_001, -86_400_000, 86_400_000]) {
    expect(await refused(at(shift))).toEqual([403, 'CERT_COMMAND_STALE'])
  }
  for (const shift of [-300_000, 300_000]) expect((await places.send(at(shift))).status).toBe(200)
})

test('a command is taken once: not again at once, nor after a restart, nor after any time', async () => {
  const set = ana.command('PUT', '/certs/web', { certificate })
  expect((await places.send(set)).status).toBe(200)
  expect(await refused(set)).toEqual([403, 'CERT_COMMAND_REUSED'])
  places.restart()
  expect(await refused(set)).toEqual([403, 'CERT_COMMAND_REUSED'])
  places.house.time += 300_000
  expect(await refused(set)).toEqual([403, 'CERT_COMMAND_REUSED'])
  places.house.time += 1
  expect(await refused(set)).toEqual([403, 'CERT_COMMAND_STALE'])
  // The clock is set back by hours, after other commands.
  places.house.time += 12 * 3_600_000
  expect((await ana.set('web')).status).toBe(200)
  places.house.time = Number(set.headers?.[headers.timestamp])
  expect(await refused(set)).toEqual([403, 'CERT_COMMAND_REUSED'])
})

test('nonces are forgotten after a day, long after their commands are stale', async () => {
  const count = () => places.house.store.get<{ count: number }>('SELECT count(*) AS count FROM certificate_nonces')
  for (const id of ['a', 'b', 'c']) await ana.set(id)
  expect(count()).toEqual({ count: 4 })
  places.house.time += 86_400_001
  expect((await ana.remove('a')).status).toBe(200)
  expect(count()).toEqual({ count: 1 })
})

test('a signed command that is refused for the state of things is spent too', async () => {
  const remove = ana.command('DELETE', '/certs/web')
  expect(await places.send(remove)).toMatchObject({ status: 404, code: 'NOT_FOUND' })
  expect((await ana.set('web')).status).toBe(200)
  expect(await refused(remove)).toEqual([403, 'CERT_COMMAND_REUSED'])
  const again = ana.command('POST', '/adminkey', { publicKey: ana.signer.publicKey })
  expect(await places.send(again)).toMatchObject({ status: 409, code: 'CERT_KEY_EXISTS' })
  await ana.deleteKey()
  expect(await refused(again)).toEqual([403, 'CERT_COMMAND_REUSED'])
})

test('the same command twice at once is done once, whether it succeeds or is refused', async () => {
  const set = ana.command('PUT', '/certs/web', { certificate })
  const answers = await Promise.all([places.send(set), places.send(set), places.send(set)])
  expect(answers.map(({ code }) => code ?? 'done').toSorted()).toEqual([
    'CERT_COMMAND_REUSED',
    'CERT_COMMAND_REUSED',
    'done',
  ])
  const remove = ana.command('DELETE', '/certs/other')
  const refusals = await Promise.all([places.send(remove), places.send(remove)])
  expect(refusals.map(({ code = '' }) => code).toSorted()).toEqual(['CERT_COMMAND_REUSED', 'NOT_FOUND'])
  expect(generation()).toBe(1)
})

test('of another administrator, or of an old key, a signature is worth nothing', async () => {
  const ben = await places.administrator()
  const own = ana.command('PUT', '/certs/web', { certificate })
  // Ben has a token of his own, and what Ana has signed.
  expect(await refused({ ...own, caller: ben.caller })).toEqual([403, 'CERT_SIGNER_NOT_CALLER'])
  // Somebody has Ana's token, and Ben's key.
  const { signer } = ana
  ana.signer = ben.signer
  for (const sent of [
    ana.command('PUT', '/certs/web', { certificate }),
    ana.command('DELETE', '/certs/web'),
    ana.command('DELETE', '/adminkey'),
  ]) {
    const { status, code, text } = await places.send(sent)
    expect([status, code]).toEqual([403, 'CERT_SIGNER_NOT_CALLER'])
    // Whose it is, stands in the event and not in the answer.
    expect(text).not.toContain(ben.caller.id)
    expect(places.house.lastEvent()).toMatchObject({
      severity: 'critical',
      requestData: { keyId: ben.signer.id, keyOwner: ben.caller.id },
    })
  }
  expect(await ana.updateKey()).toMatchObject({ status: 403, code: 'CERT_SIGNER_NOT_CALLER' })
  expect(places.house.lastEvent().requestData).toMatchObject({ keyOwner: ben.caller.id })
  // Nor may somebody with the role and no key of their own.
  const cleo = await places.administrator(false)
  cleo.signer = ben.signer
  expect(await cleo.set('web')).toMatchObject({ status: 403, code: 'CERT_SIGNER_NOT_CALLER' })
  const claimed = ana.command('PUT', '/certs/web', { certificate })
  const asAna = { ...claimed, headers: { ...claimed.headers, [headers.keyId]: signer.id } }
  expect(await refused(asAna)).toEqual([403, 'CERT_SIGNATURE_WRONG'])
  ana.signer = signer
  expect((await ana.updateKey()).status).toBe(200)
  ana.signer = signer
  expect(await refused(ana.command('DELETE', '/adminkey'))).toEqual([403, 'CERT_SIGNER_UNKNOWN'])
  expect(places.house.lastEvent().requestData).not.toHaveProperty('keyOwner')
})

test('a signature of another instance is none here, though the key is the same', async () => {
  const sent = ana.command('PUT', '/certs/web', { certificate }, { instance: places.house.foreign.crn })
  expect(await refused(sent)).toEqual([403, 'CERT_SIGNATURE_WRONG'])
})

test('of one signature there is one form: no other DER, and the twin of an ECDSA signature is still the same command', async () => {
  const sent = ana.command('PUT', '/certs/web', { certificate })
  const der = Buffer.from(sent.headers?.[headers.signature] ?? '', 'base64')
  const padded = Buffer.concat([der.subarray(0, 2), Buffer.from([der.readUInt8(2) + 1]), der.subarray(3, 4)])
  const longer = Buffer.concat([padded, Buffer.from([der.readUInt8(4) + 1, 0]), der.subarray(5)])
  const variants = [longer, Buffer.concat([der, Buffer.from([0])]), der.subarray(0, -1)]
  for (const variant of variants) {
    const [status] = await refused(withSignature(sent, variant.toString('base64')))
    expect([400, 403]).toContain(status)
  }
  const twin = withSignature(sent, twinOf(der).toString('base64'))
  expect((await places.send(twin)).status).toBe(200)
  expect(await refused(sent)).toEqual([403, 'CERT_COMMAND_REUSED'])
})

test('numbers out of range verify nothing', async () => {
  const sent = ana.command('PUT', '/certs/web', { certificate })
  const zero = Buffer.concat([Buffer.from([0x30, 0x06, 0x02, 0x01, 0, 0x02, 0x01, 0])])
  const order = numberOf(curveOrder)
  const tooLarge = Buffer.concat([Buffer.from([0x30, 0x81, 2 * order.length]), order, order])
  for (const signature of [zero, tooLarge]) {
    const [status] = await refused(withSignature(sent, signature.toString('base64')))
    expect([400, 403]).toContain(status)
  }
})

test('keys of another curve, kind or form are refused, and so is a point that is on no curve', async () => {
  const spki = (key: ReturnType<typeof generateKeyPairSync>['publicKey']) => key.export({ type: 'spki', format: 'der' })
  const good = Buffer.from(newSigner().publicKey, 'base64')
  const offCurve = Buffer.from(good)
  offCurve.writeUInt8(good.readUInt8(157) ^ 1, 157)
  const hybrid = Buffer.from(good)
  hybrid.writeUInt8(0x06, 25)
  const explicit = generateKeyPairSync('ec', { namedCurve: 'P-521', paramEncoding: 'explicit' }).publicKey
  const garbage = [
    ...['P-256', 'P-384', 'secp256k1'].map((namedCurve) => spki(generateKeyPairSync('ec', { namedCurve }).publicKey)),
    spki(generateKeyPairSync('rsa', { modulusLength: 2_048 }).publicKey),
    spki(generateKeyPairSync('ed25519').publicKey),
    spki(explicit),
    compressed(good),
    hybrid,
    offCurve,
    Buffer.concat([good, Buffer.from([0])]),
    good.subarray(1),
    good.subarray(0, -1),
    randomBytes(158),
    Buffer.alloc(12_000, 1),
    Buffer.alloc(0),
  ].map((der) => der.toString('base64'))
  const texts = [...garbage, `${good.toString('base64')}\n`, good.toString('base64url'), ` ${good.toString('base64')}`]
  const ben = await places.administrator(false)
  for (const publicKey of texts) {
    const [status, code] = await refused(ben.command('POST', '/adminkey', { publicKey }))
    expect([publicKey.slice(0, 60), status, code]).toEqual([publicKey.slice(0, 60), 400, 'INVALID_FIELD_ERR'])
    expect(JSON.stringify(places.house.lastEvent())).not.toContain(publicKey || 'publicKey')
  }
  for (const body of [{}, { publicKey: 5 }, { publicKey: ben.signer.publicKey, more: 1 }, []]) {
    const [status] = await refused(ben.command('POST', '/adminkey', body))
    expect(status).toBe(400)
  }
  expect((await ben.createKey()).status).toBe(200)
})

test('a first key is signed by itself, and a replaced one by both', async () => {
  const ben = await places.administrator(false)
  const stolen = newSigner().publicKey
  expect(await refused(ben.command('POST', '/adminkey', { publicKey: stolen }))).toEqual([403, 'CERT_SIGNER_UNKNOWN'])
  const next = newSigner()
  const own = { ...ownPlace(ana), nonce: newNonce() }
  const good = proofOf(next, own)
  const wrong = [
    proofOf(newSigner(), own),
    proofOf(next, { ...own, nonce: newNonce() }),
    proofOf(next, { ...own, caller: ben.caller.id }),
    sign('sha512', Buffer.from(certificateCommandText(own, next.id)), next.key).toString('base64'),
  ]
  for (const proof of wrong) {
    const sent = ana.command('PUT', '/adminkey', { publicKey: next.publicKey, proof }, own)
    expect(await refused(sent)).toEqual([403, 'CERT_SIGNATURE_WRONG'])
  }
  for (const proof of ['', 'AAAA', `${good} `]) {
    const sent = ana.command('PUT', '/adminkey', { publicKey: next.publicKey, proof }, own)
    expect(await refused(sent)).toEqual([400, 'INVALID_FIELD_ERR'])
  }
  const same = ana.command(
    'PUT',
    '/adminkey',
    { publicKey: ana.signer.publicKey, proof: proofOf(ana.signer, own) },
    own,
  )
  expect(await refused(same)).toEqual([400, 'INVALID_FIELD_ERR'])
  // Its event would not hold what was signed.
  const reversed = ana.command('PUT', '/adminkey', { proof: good, publicKey: next.publicKey }, own)
  expect(await refused(reversed)).toEqual([400, 'INVALID_FIELD_ERR'])
  const sent = ana.command('PUT', '/adminkey', { publicKey: next.publicKey, proof: good }, own)
  expect((await places.send(sent)).status).toBe(200)
})

test('who has nothing but the events can check every command, done or refused', async () => {
  await ana.set('web')
  await ana.updateKey()
  await ana.remove('other')
  await ana.send('PUT', '/certs/web', { certificate }, { method: 'DELETE' })
  await ana.remove('web')
  await ana.deleteKey()
  const found = places.house.events().map((event) => [event.action.split('.').pop(), event.outcome, isProven(event)])
  expect(found).toEqual([
    ['create', 'success', true],
    ['set', 'success', true],
    ['update', 'success', true],
    ['delete', 'failure', true],
    ['set', 'failure', false],
    ['delete', 'success', true],
    ['delete', 'success', true],
  ])
})

const methods: Readonly<Record<string, string>> = { create: 'POST', update: 'PUT', set: 'PUT', delete: 'DELETE' }

/** Rebuilds the text that was signed, and looks for the key among those that the trail has seen. */
function isProven(event: ActivityEvent): boolean {
  const data = event.requestData as Record<string, string> & { initialValue?: { keyId: string } }
  const keys = places.house.events().flatMap(({ requestData }) => {
    const text = requestData['publicKey']
    return typeof text === 'string' ? [Buffer.from(text, 'base64')] : []
  })
  const id = data['keyId'] ?? data.initialValue?.keyId
  const spki = keys.find((key) => createHash('sha256').update(key).digest('hex') === id)
  if (spki === undefined) return false
  const place = {
    method: methods[event.action.split('.').pop() ?? ''] ?? '',
    path: String(data['requestURI']),
    instance: event.target.id,
    caller: event.initiator.id,
    timestamp: String(Date.parse(String(data['timestamp']))),
    nonce: String(data['commandNonce']),
  }
  const isSigned = (text: string, key: Buffer, signature: string): boolean => {
    const publicKey = createPublicKey({ key, format: 'der', type: 'spki' })
    return verify('sha512', Buffer.from(text), publicKey, Buffer.from(signature, 'base64'))
  }
  const next = (event.requestData['newValue'] as { keyId: string } | undefined)?.keyId
  const isNextProven =
    next === undefined ||
    isSigned(keyProofText(place, next), Buffer.from(String(data['publicKey']), 'base64'), String(data['proof']))
  return (
    isNextProven &&
    isSigned(certificateCommandText(place, String(data['contentHash'])), spki, String(data['signature']))
  )
}

function ownPlace({ caller }: Administrator) {
  const { instance, time } = places.house
  return {
    method: 'PUT',
    path: places.path('/adminkey'),
    instance: instance.crn,
    caller: caller.id,
    timestamp: String(time),
  }
}

function withSignature(sent: Sent, signature: string): Sent {
  return { ...sent, headers: { ...sent.headers, [headers.signature]: signature } }
}

/** The order of the base point of P-521. */
const curveOrder = p521.Point.Fn.ORDER

/** DER of a positive integer. */
function numberOf(value: bigint): Buffer {
  const hex = value.toString(16)
  const bytes = Buffer.from(hex.length % 2 === 0 ? hex : `0${hex}`, 'hex')
  const positive = bytes.readUInt8() < 0x80 ? bytes : Buffer.concat([Buffer.from([0]), bytes])
  return Buffer.concat([Buffer.from([0x02, positive.length]), positive])
}

/** The other signature of the same text by the same key: (r, n − s). */
function twinOf(der: Buffer): Buffer {
  const r = der.subarray(3, 5 + der.readUInt8(4))
  const s = BigInt(`0x${der.subarray(3 + r.length + 2).toString('hex')}`)
  const numbers = Buffer.concat([r, numberOf(curveOrder - s)])
  const length = numbers.length < 128 ? [numbers.length] : [0x81, numbers.length]
  return Buffer.concat([Buffer.from([0x30, ...length]), numbers])
}

/** The same key with a compressed point (SEC 1, section 2.3.3). */
function compressed(spki: Buffer): Buffer {
  const point = Buffer.concat([Buffer.from([0x02 + (spki.readUInt8(157) & 1)]), spki.subarray(26, 92)])
  const algorithm = spki.subarray(3, 21)
  return Buffer.concat([Buffer.from([0x30, 88]), algorithm, Buffer.from([0x03, 68, 0]), point])
}
