/** Key pairs, signatures and derived keys with PyKMIP 0.10.0, a client that is not ours, against a real server. */
import { createHmac, createPrivateKey, createPublicKey, generateKeyPairSync, pbkdf2Sync, verify } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { isPykmipSkipped } from './pykmip-client.ts'
import { from, PykmipHouse, type Speaker, type Version, versions } from './pykmip-house.ts'
import { settled } from './second-person.ts'

const denied = 'OPERATION_FAILED: PERMISSION_DENIED - '
const hex = (text: string): string => Buffer.from(text).toString('hex')
const plaintext = '00112233445566778899aabbccddeeff'
const otherText = '000102030405060708090a0b0c0d0e0f'
const rsa = generateKeyPairSync('rsa', { modulusLength: 2_048 })
/** Pieces of private keys that were made here, hexadecimal. */
const kept: string[] = []

let house: PykmipHouse

beforeAll(async () => {
  if (!isPykmipSkipped) house = await PykmipHouse.start()
})
afterAll(async () => {
  if (!isPykmipSkipped) await house.stop()
})

const speaker = (version: Version): Speaker => house.speaker(version)

/** As what operations are recorded. */
const recordedAs: Readonly<Record<string, string>> = {
  CreateKeyPair: 'kmip-key.create',
  DeriveKey: 'kmip-key.create',
  Register: 'kmip-key.create',
  Get: 'kmip-key.read',
  Locate: 'kmip-key.list',
  Activate: 'kmip-key.activate',
  Sign: 'kmip-key.use',
  SignatureVerify: 'kmip-key.use',
}

describe.skipIf(isPykmipSkipped)('PyKMIP', () => {
  test.each(versions)('%s: a key pair is made, and both of its halves are fetched', async (version) => {
    const { kmip } = speaker(version)
    const masks = { mask: [['VERIFY'], ['SIGN']], names: ['pair.public', 'pair.private'] }
    const [uid, privateUid] = await kmip.call<[string, string]>('create_key_pair', masks)
    const half = { algorithm: 'RSA', length: 2_048, format: 'PKCS_1' }
    const publicKey = await kmip.call<{ value: string }>('get', { uid })
    expect(publicKey).toMatchObject({ ...half, type: 'PUBLIC_KEY' })
    const privateKey = await kmip.call<{ value: string }>('get', { uid: privateUid })
    expect(privateKey).toMatchObject({ ...half, type: 'PRIVATE_KEY' })
    const der = { format: 'der', type: 'pkcs1' } as const
    const made = createPublicKey(createPrivateKey({ key: Buffer.from(privateKey.value, 'hex'), ...der }))
    expect(made.export(der).toString('hex')).toBe(publicKey.value)
    expect(await kmip.call('locate', { attributes: [['Name', 'pair.private']] })).toEqual([privateUid])
    expect(await kmip.call('locate', { attributes: [['Object Type', 'PUBLIC_KEY']] })).toContain(uid)
    kept.push(privateKey.value.slice(100, 132))
  })

  test.each(versions)('%s: halves that it brings come back as they were', async (version) => {
    const { kmip } = speaker(version)
    for (const [type, format, value] of [
      ['PRIVATE_KEY', 'PKCS_8', rsa.privateKey.export({ format: 'der', type: 'pkcs8' })],
      ['PRIVATE_KEY', 'PKCS_1', rsa.privateKey.export({ format: 'der', type: 'pkcs1' })],
      ['PUBLIC_KEY', 'X_509', rsa.publicKey.export({ format: 'der', type: 'spki' })],
      ['PUBLIC_KEY', 'PKCS_1', rsa.publicKey.export({ format: 'der', type: 'pkcs1' })],
    ] as const) {
      const known = { type, format, value: value.toString('hex'), algorithm: 'RSA', length: 2_048 }
      const brought = { ...known, mask: ['SIGN'], name: `${type} in ${format}` }
      const uid = await kmip.call('register', brought)
      expect(await kmip.call('get', { uid })).toEqual(known)
      const wrong = { ...brought, length: 3_072, name: 'of another length' }
      expect(await kmip.refused('register', wrong)).toMatch(/^OPERATION_FAILED: INVALID_FIELD - /)
    }
  })

  test.each(from(2))('%s: it signs with a key that stays here, and has signatures verified', async (version) => {
    const { kmip } = speaker(version)
    const mask = [['VERIFY'], ['SIGN']]
    const [uid, privateUid] = await kmip.call<[string, string]>('create_key_pair', { mask })
    for (const id of [uid, privateUid]) await kmip.call('activate', { uid: id })
    const { value } = await kmip.call<{ value: string }>('get', { uid })
    const key = createPublicKey({ key: Buffer.from(value, 'hex'), format: 'der', type: 'pkcs1' })
    for (const [given, padding] of [
      [{ padding_method: 'PKCS1v15', hashing_algorithm: 'SHA_256', cryptographic_algorithm: 'RSA' }, 1],
      [{ padding_method: 'PKCS1v15', digital_signature_algorithm: 'SHA512_WITH_RSA_ENCRYPTION' }, 1],
      [{ padding_method: 'PSS', hashing_algorithm: 'SHA_256', cryptographic_algorithm: 'RSA' }, 6],
    ] as const) {
      const signature = await kmip.call<string>('sign', { uid: privateUid, data: plaintext, given })
      const name = 'hashing_algorithm' in given ? 'sha256' : 'sha512'
      const data = Buffer.from(plaintext, 'hex')
      expect(verify(name, data, { key, padding }, Buffer.from(signature, 'hex'))).toBe(true)
      const asked = { uid, data: plaintext, signature, given }
      expect(await kmip.call('signature_verify', asked)).toBe('VALID')
      expect(await kmip.call('signature_verify', { ...asked, data: otherText })).toBe('INVALID')
    }
    const passive = await kmip.call<[string, string]>('create_key_pair', { mask })
    const given = { padding_method: 'PKCS1v15', hashing_algorithm: 'SHA_256' }
    expect(await kmip.refused('sign', { uid: passive[1], data: plaintext, given })).toMatch(denied)
  })

  test.each(versions)('%s: keys are derived from secrets that stay here', async (version) => {
    const { kmip } = speaker(version)
    const secret = { type: 'SECRET_DATA', kind: 'PASSWORD', value: hex('pässword'), mask: ['DERIVE_KEY'] }
    const base = await kmip.call<string>('register', { ...secret, name: 'base' })
    await kmip.call('activate', { uid: base })
    const asked = { type: 'SYMMETRIC_KEY', uids: [base], algorithm: 'AES', length: 128 }
    const hashed = { cryptographic_parameters: { hashing_algorithm: 'SHA_256' } }
    const salted = { ...asked, ...hashed, method: 'PBKDF2', salt: hex('salt'), iteration_count: 1_000 }
    const uid = await kmip.call('derive_key', salted)
    const expected = pbkdf2Sync('pässword', 'salt', 1_000, 16, 'sha256').toString('hex')
    expect(await kmip.call('get', { uid })).toMatchObject({ value: expected, algorithm: 'AES', length: 128 })
    const counted = { ...asked, ...hashed, method: 'NIST800_108_C', derivation_data: hex('label') }
    const mac = createHmac('sha256', 'pässword')
      .update(Buffer.of(0, 0, 0, 1))
      .update('label')
      .digest('hex')
    const other = await kmip.call('derive_key', counted)
    expect(await kmip.call('get', { uid: other })).toMatchObject({ value: mac.slice(0, 32) })
    const seed = {
      ...asked,
      ...hashed,
      type: 'SECRET_DATA',
      algorithm: undefined,
      method: 'HMAC',
      derivation_data: '00',
    }
    const made = await kmip.call('get', { uid: await kmip.call('derive_key', { ...seed, length: 256 }) })
    expect(made).toMatchObject({ kind: 'SEED', value: createHmac('sha256', 'pässword').update('\0').digest('hex') })
    const wrong = await kmip.refused('derive_key', { ...salted, uids: [uid] })
    expect(wrong).toMatch(denied)
  })

  test.each(versions)('%s: every call is in the trail, and nothing of a private key or a password', async (version) => {
    const { kmip, site } = speaker(version)
    await kmip.call('close')
    await settled(house.client)
    const events = await house.client.events(`query=initiator:CertificateID-${site.identity.fingerprint}`)
    const recorded = kmip.asked.map(({ operation, outcome }) => `hs-crypto.${recordedAs[operation]} ${outcome}`)
    expect(recorded.length).toBeGreaterThan(20)
    expect(events.map(({ event }) => `${event.action} ${event.outcome}`)).toEqual(recorded)
    expect(events.map(({ event }) => event.target.name)).toContain('pair.private')
    expect(kept.length).toBe(versions.length)
    const told = JSON.stringify(events)
    for (const secret of [plaintext, 'pässword', hex('pässword'), ...kept]) expect(told).not.toContain(secret)
  })
})
