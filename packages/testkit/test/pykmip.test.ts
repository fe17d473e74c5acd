/** PyKMIP 0.10.0, a client that is not ours, against a real server: what it does with each version, and what is in the trail of it. */
import { execFileSync } from 'node:child_process'
import { createCipheriv, createDecipheriv, createHmac, hash, randomUUID } from 'node:crypto'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseVerifierKey, verifyReceipt } from '@keywitness/tlog'
import { answersOf, childrenOf } from '@keywitness/server/kmip/testing/messages'
import { decode } from '@keywitness/server/kmip/ttlv/decode'
import { tags } from '@keywitness/server/kmip/ttlv/tags'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type KmipSite, newIdentity, newKmipSite } from '../src/index.ts'
import { isPykmipSkipped, PykmipClient, python } from './pykmip-client.ts'
import { before, from, minorOf, PykmipHouse, type Speaker, type Version, versions } from './pykmip-house.ts'
import { settled } from './second-person.ts'

const denied = 'OPERATION_FAILED: PERMISSION_DENIED - '
const notFound = 'OPERATION_FAILED: ITEM_NOT_FOUND - There is no such object.'
const hex = (text: string): string => Buffer.from(text).toString('hex')
const plaintext = '00112233445566778899aabbccddeeff'
const keyBytes = '000102030405060708090a0b0c0d0e0f'
const nobody = '00000000-0000-4000-8000-000000000000'
const cbc = { block_cipher_mode: 'CBC', padding_method: 'PKCS5', cryptographic_algorithm: 'AES' }

let house: PykmipHouse

beforeAll(async () => {
  if (!isPykmipSkipped) house = await PykmipHouse.start()
})
afterAll(async () => {
  if (!isPykmipSkipped) await house.stop()
})

const speaker = (version: Version): Speaker => house.speaker(version)

/** An active key that it brought, for encryption. */
async function cipherKey(kmip: PykmipClient): Promise<{ uid: string; key: Buffer }> {
  const made = { type: 'SYMMETRIC_KEY', algorithm: 'AES', value: keyBytes, mask: ['ENCRYPT', 'DECRYPT'] }
  const uid = await kmip.call<string>('register', { ...made, name: `cipher ${randomUUID()}` })
  await kmip.call('activate', { uid })
  return { uid, key: Buffer.from(keyBytes, 'hex') }
}

/** A call of Get that has a key wrapped by another one, which is not active. */
async function wrappedGet(kmip: PykmipClient) {
  const keys = { type: 'SYMMETRIC_KEY', algorithm: 'AES' }
  const wrapping = await kmip.call<string>('register', { ...keys, value: keyBytes, name: 'wraps', mask: ['WRAP_KEY'] })
  const uid = await kmip.call('register', { ...keys, value: plaintext, name: 'is wrapped', mask: ['ENCRYPT'] })
  return {
    asked: { uid, wrap: { key: wrapping, encoding: 'NO_ENCODING' } },
    key: Buffer.from(keyBytes, 'hex'),
    wrapping,
  }
}

/** As what operations are recorded. */
const recordedAs: Readonly<Record<string, string>> = {
  Create: 'kmip-key.create',
  CreateKeyPair: 'kmip-key.create',
  Register: 'kmip-key.create',
  ReKey: 'kmip-key.create',
  Get: 'kmip-key.read',
  Check: 'kmip-key.read',
  Locate: 'kmip-key.list',
  GetAttributes: 'kmip-key-attributes.retrieve',
  GetAttributeList: 'kmip-key-attributes.retrieve',
  ModifyAttribute: 'kmip-key-attributes.update',
  DeleteAttribute: 'kmip-key-attributes.update',
  Activate: 'kmip-key.activate',
  Revoke: 'kmip-key.revoke',
  Destroy: 'kmip-key.destroy',
  Encrypt: 'kmip-key.use',
  Decrypt: 'kmip-key.use',
  MAC: 'kmip-key.use',
}
const unrecorded = new Set(['Query success', 'DiscoverVersions success'])

describe.skipIf(isPykmipSkipped)('PyKMIP', () => {
  test.each(versions)(
    '%s: a symmetric key is made, found, fetched, activated, revoked and destroyed',
    async (version) => {
      const { kmip } = speaker(version)
      const uid = await kmip.call('create', { algorithm: 'AES', length: 256, name: 'life', policy: 'default' })
      expect(uid).toMatch(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/)
      const key = await kmip.call<{ value: string }>('get', { uid })
      expect(key).toEqual({
        type: 'SYMMETRIC_KEY',
        algorithm: 'AES',
        length: 256,
        format: 'RAW',
        value: expect.stringMatching(/^[0-9a-f]{64}$/),
        wrapping: {},
      })
      expect(await kmip.call('get', { uid })).toEqual(key)
      const names = ['State', 'Name', 'Cryptographic Usage Mask', 'x-none', 'Activation Date']
      expect(await kmip.call('get_attributes', { uid, names })).toEqual([
        { name: 'Name', value: 'life' },
        { name: 'Cryptographic Usage Mask', value: 12 },
        { name: 'State', value: 'PRE_ACTIVE' },
      ])
      expect(await kmip.call('activate', { uid })).toBeNull()
      expect(await kmip.refused('activate', { uid })).toBe(`${denied}Only a pre-active object is activated.`)
      expect(await kmip.refused('destroy', { uid })).toBe(
        `${denied}An active object must be revoked before it is destroyed.`,
      )
      expect(await kmip.call('check', { uid, mask: ['ENCRYPT'] })).toBe(uid)
      expect(await kmip.call('revoke', { uid, reason: 'KEY_COMPROMISE', message: 'stolen', occurred: 6 })).toBeNull()
      // A client needs an old key to read old data.
      expect(await kmip.call('get', { uid })).toEqual(key)
      expect(await kmip.call('destroy', { uid })).toBeNull()
      expect(await kmip.refused('get', { uid })).toBe(notFound)
      const dates = await kmip.call('get_attributes', { uid, names: ['State', 'Compromise Occurrence Date'] })
      expect(dates).toEqual([
        { name: 'State', value: 'DESTROYED_COMPROMISED' },
        { name: 'Compromise Occurrence Date', value: 6 },
      ])
    },
  )

  test.each(versions)(
    '%s: keys that it brings, secret data and opaque data come back as they were',
    async (version) => {
      const { kmip } = speaker(version)
      const brought = [
        { type: 'SYMMETRIC_KEY', algorithm: 'AES', value: plaintext, name: 'key', mask: ['ENCRYPT'] },
        {
          type: 'SYMMETRIC_KEY',
          algorithm: 'TRIPLE_DES',
          value: plaintext + '0011223344556677',
          name: '3des',
          mask: ['ENCRYPT'],
        },
        { type: 'SECRET_DATA', kind: 'PASSWORD', value: hex('pässword'), name: 'secret', mask: ['VERIFY'] },
        { type: 'SECRET_DATA', kind: 'SEED', value: '00'.repeat(96), name: 'seed', mask: [] },
        { type: 'OPAQUE_DATA', kind: 'NONE', value: hex('opaque'), name: 'blob' },
      ]
      for (const one of brought) {
        const uid = await kmip.call('register', one)
        const { type, value } = one
        expect(await kmip.call('get', { uid })).toMatchObject({
          type,
          value,
          ...('kind' in one ? { kind: one.kind } : {}),
        })
        expect(await kmip.refused('register', one)).toMatch(/^OPERATION_FAILED: INVALID_FIELD - .*name/i)
      }
      expect(await kmip.refused('register', { ...brought[0], value: '00112233', name: 'short' })).toMatch(
        /^OPERATION_FAILED: INVALID_FIELD - /,
      )
    },
  )

  test.each(versions)(
    '%s: objects are located by name, type, state, mask and dates, newest first and as many as it wants',
    async (version) => {
      const { kmip } = speaker(version)
      const made: string[] = []
      for (const name of ['first', 'second', 'third']) {
        made.unshift(await kmip.call<string>('create', { algorithm: 'AES', length: 128, name, mask: ['MAC_GENERATE'] }))
      }
      await kmip.call('activate', { uid: made[0] })
      const located = (attributes: unknown[], more: object = {}) =>
        kmip.call<string[]>('locate', { attributes, ...more })
      expect(await located([['Name', 'second']])).toEqual([made[1]])
      expect(await located([['Name', 'nothing']])).toEqual([])
      const mask = ['Cryptographic Usage Mask', ['MAC_GENERATE', 'ENCRYPT']]
      expect(await located([mask])).toEqual(made)
      expect(await located([mask], { maximum: 2 })).toEqual(made.slice(0, 2))
      expect(await located([mask, ['State', 'ACTIVE']])).toEqual([made[0]])
      const now = Math.floor(Date.now() / 1_000)
      const within = (one: number, other: number) => [mask, ['Initial Date', one], ['Initial Date', other]]
      expect(await located(within(now - 3_600, now + 3_600))).toEqual(made)
      expect(await located(within(now - 7_200, now - 3_600))).toEqual([])
      expect(await located([['Object Type', 'SYMMETRIC_KEY']])).toEqual(expect.arrayContaining(made))
      expect(await located([['Object Type', 'CERTIFICATE']])).toEqual([])
    },
  )

  test.each(from(3))('%s: objects are located from an offset on', async (version) => {
    const { kmip } = speaker(version)
    const made: string[] = []
    for (const name of ['one', 'two']) {
      made.unshift(await kmip.call<string>('create', { algorithm: 'AES', length: 128, name, mask: ['DERIVE_KEY'] }))
    }
    const attributes = [['Cryptographic Usage Mask', ['DERIVE_KEY']]]
    expect(await kmip.call('locate', { attributes, offset: 1 })).toEqual([made[1]])
  })

  test.each(before(3))('%s: an offset is refused: the version does not have it', async (version) => {
    const refused = await speaker(version).kmip.refused('locate', { offset: 1 })
    expect(refused).toMatch(/^OPERATION_FAILED: INVALID_FIELD - /)
  })

  test.each(versions)('%s: attributes are listed, changed and removed', async (version) => {
    const { kmip } = speaker(version)
    const uid = await kmip.call('create', { algorithm: 'AES', length: 256, name: 'before' })
    const list = await kmip.call('get_attribute_list', { uid })
    expect(list).toEqual(
      expect.arrayContaining([
        'Cryptographic Algorithm',
        'Digest',
        'Initial Date',
        'Name',
        'State',
        'Unique Identifier',
      ]),
    )
    const changed = await kmip.call('modify_attribute', { uid, name: 'Name', value: 'after', index: 0 })
    expect(changed).toEqual([uid, { name: 'Name', value: 'after', index: 0 }])
    expect(await kmip.call('locate', { attributes: [['Name', 'after']] })).toEqual([uid])
    const { error } = await kmip.told('modify_attribute', { uid, name: 'State', value: 'ACTIVE' })
    expect(error?.kind).toBe('OperationFailure')
    const removed = await kmip.call('delete_attribute', { uid, name: 'Name', index: 0 })
    expect(removed).toEqual([uid, { name: 'Name', value: 'after', index: 0 }])
    expect(await kmip.call('locate', { attributes: [['Name', 'after']] })).toEqual([])
    const again = await kmip.told('delete_attribute', { uid, name: 'Name', index: 0 })
    expect(again.error?.kind).toBe('OperationFailure')
  })

  test.each(['1.1', '1.2', '1.3'] as const)(
    '%s: all attributes of a key that it brought are read at once',
    async (version) => {
      const { kmip } = speaker(version)
      const brought = { type: 'SYMMETRIC_KEY', algorithm: 'AES', value: keyBytes, name: 'all', mask: ['ENCRYPT'] }
      const uid = await kmip.call('register', brought)
      const all = await kmip.call<{ name: string }[]>('get_attributes', { uid })
      expect(all.map(({ name }) => name).toSorted()).toEqual(await kmip.call('get_attribute_list', { uid }))
    },
  )

  test('1.4: of the attributes that every key has, it cannot read some', async () => {
    const { kmip } = speaker('1.4')
    const uid = await kmip.call('create', { algorithm: 'AES', length: 256, name: 'all' })
    expect((await kmip.told('get_attributes', { uid })).error?.text).toMatch(/^Unrecognized attribute type: /)
  })

  // It wants a field of Digest that version 1.0 does not have.
  test.each(from(1))('%s: all attributes of opaque data are read at once', async (version) => {
    const { kmip } = speaker(version)
    const value = hex('of an opaque object')
    const uid = await kmip.call('register', { type: 'OPAQUE_DATA', kind: 'NONE', value, name: 'attributes' })
    const digest = ['SHA_256', hash('sha256', Buffer.from(value, 'hex')), 'OPAQUE']
    expect(await kmip.call('get_attributes', { uid })).toEqual(
      expect.arrayContaining([
        { name: 'Digest', value: digest },
        { name: 'Name', value: 'attributes' },
      ]),
    )
  })

  test.each(from(2))('%s: it encrypts and decrypts with a key that stays here', async (version) => {
    const { kmip } = speaker(version)
    const { uid, key } = await cipherKey(kmip)
    for (const [parameters, cipher] of [
      [cbc, 'aes-128-cbc'],
      [{ block_cipher_mode: 'CTR' }, 'aes-128-ctr'],
      [{ block_cipher_mode: 'ECB', padding_method: 'PKCS5' }, 'aes-128-ecb'],
      [{ block_cipher_mode: 'CFB' }, 'aes-128-cfb'],
      [{ block_cipher_mode: 'OFB' }, 'aes-128-ofb'],
    ] as const) {
      const [data, iv] = await kmip.call<[string, string | null]>('encrypt', { uid, data: plaintext, parameters })
      const reading = createDecipheriv(cipher, key, iv === null ? null : Buffer.from(iv, 'hex'))
      expect([cipher, reading.update(data, 'hex', 'hex') + reading.final('hex')]).toEqual([cipher, plaintext])
      expect(await kmip.call('decrypt', { uid, data, parameters, iv })).toBe(plaintext)
    }
    const parameters = { block_cipher_mode: 'NIST_KEY_WRAP' }
    const [wrapped] = await kmip.call<[string, null]>('encrypt', { uid, data: plaintext, parameters })
    expect(wrapped).toBe(wrap(key, plaintext))
    expect(await kmip.call('decrypt', { uid, data: wrapped, parameters })).toBe(plaintext)
  })

  test('1.4: what is encrypted is authenticated with what goes with it', async () => {
    const { kmip } = speaker('1.4')
    const { uid, key } = await cipherKey(kmip)
    const sealed = { uid, data: plaintext, authenticated: hex('header') }
    const [data = '', iv = '', tag = ''] = await kmip.call<string[]>('seal', sealed)
    const gcm = createDecipheriv('aes-128-gcm', key, Buffer.from(iv, 'hex')).setAuthTag(Buffer.from(tag, 'hex'))
    gcm.setAAD(Buffer.from('header'))
    expect(gcm.update(data, 'hex', 'hex') + gcm.final('hex')).toBe(plaintext)
    expect(await kmip.call('unseal', { ...sealed, data, iv, tag })).toEqual([plaintext, null, null])
    const other = { ...sealed, data, iv, tag, authenticated: hex('another') }
    expect(await kmip.refused('unseal', other)).toMatch(/^OPERATION_FAILED: CRYPTOGRAPHIC_FAILURE - /)
  })

  test.each(['1.2', '1.3'] as const)('%s: nothing is encrypted whose tag could not be answered', async (version) => {
    const { kmip } = speaker(version)
    const { uid } = await cipherKey(kmip)
    const refused = await kmip.refused('seal', { uid, data: plaintext, authenticated: hex('header') })
    expect(refused).toMatch(/^OPERATION_FAILED: (FEATURE_NOT_SUPPORTED|INVALID_FIELD) - /)
  })

  test.each(from(2))('%s: it has data authenticated', async (version) => {
    const { kmip } = speaker(version)
    const value = hex('sixteen bytes of key, and more..')
    const mask = ['MAC_GENERATE', 'MAC_VERIFY']
    const made = { type: 'SYMMETRIC_KEY', algorithm: 'HMAC_SHA256', value, name: 'mac', mask }
    const uid = await kmip.call('register', made)
    await kmip.call('activate', { uid })
    const mac = createHmac('sha256', Buffer.from(value, 'hex')).update(plaintext, 'hex').digest('hex')
    expect(await kmip.call('mac', { uid, data: plaintext, algorithm: 'HMAC_SHA256' })).toEqual([uid, mac])
  })

  test.each(before(2))(
    '%s: nothing is encrypted and authenticated here: the version cannot ask for it',
    async (version) => {
      const { kmip } = speaker(version)
      const { uid } = await cipherKey(kmip)
      const refused = (operation: string): string =>
        `OPERATION_FAILED: OPERATION_NOT_SUPPORTED - ${operation} is there from KMIP 1.2 on; the message is of ${version}.`
      expect(await kmip.refused('encrypt', { uid, data: plaintext, parameters: cbc })).toBe(refused('Encrypt'))
      expect(await kmip.refused('mac', { uid, data: plaintext, algorithm: 'HMAC_SHA256' })).toBe(refused('MAC'))
    },
  )

  test.each(from(1))('%s: a key is wrapped by another as the standard says, which it cannot read', async (version) => {
    const { kmip } = speaker(version)
    const { asked, key, wrapping } = await wrappedGet(kmip)
    expect(await kmip.refused('get', asked)).toMatch(denied)
    await kmip.call('activate', { uid: wrapping })
    const { error, received } = await kmip.told('get', asked)
    // It expects a structure; what is wrapped is a byte string (KMIP 1.4, section 2.1.4).
    expect(error?.text).toBe('Tried to read Base.type: expected 1, received 8')
    const [answer] = answersOf(decode(Buffer.from(received[0] ?? '', 'hex')))
    const object = answer?.fields.find(({ tag }) => tag === tags.SymmetricKey)
    const block = object && childrenOf(object)[0]
    const wrapped = block && childrenOf(block).find(({ tag }) => tag === tags.KeyValue)
    const value = wrapped?.type === 'ByteString' ? Buffer.from(wrapped.value).toString('hex') : 'no byte string'
    expect(value).toBe(wrap(key, plaintext))
    const missing = { ...asked, wrap: { ...asked.wrap, key: nobody } }
    expect(await kmip.refused('get', missing)).toMatch(/^OPERATION_FAILED: ITEM_NOT_FOUND - /)
  })

  test('1.0: no key is wrapped as the version cannot ask for it', async () => {
    const { kmip } = speaker('1.0')
    const { asked } = await wrappedGet(kmip)
    expect(await kmip.refused('get', asked)).toMatch(/^OPERATION_FAILED: INVALID_FIELD - /)
  })

  test.each(versions)('%s: a key is replaced by a new one that takes its name', async (version) => {
    const { kmip } = speaker(version)
    const uid = await kmip.call('create', { algorithm: 'AES', length: 192, name: 'payroll' })
    const next = await kmip.call<string>('rekey', { uid })
    expect(next).not.toBe(uid)
    expect(await kmip.call('locate', { attributes: [['Name', 'payroll']] })).toEqual([next])
    const [old, replaced] = [await kmip.call('get', { uid }), await kmip.call('get', { uid: next })] as object[]
    expect(replaced).toMatchObject({ algorithm: 'AES', length: 192 })
    expect(replaced).not.toEqual(old)
  })

  test.each(versions)('%s: what the server offers is what the version has', async (version) => {
    const { kmip } = speaker(version)
    const functions = ['QUERY_OPERATIONS', 'QUERY_OBJECTS', 'QUERY_SERVER_INFORMATION']
    const offered = await kmip.call<{ operations: string[] }>('query', { functions })
    expect(offered).toMatchObject({
      status: 'SUCCESS',
      objects: ['OPAQUE_DATA', 'PRIVATE_KEY', 'PUBLIC_KEY', 'SECRET_DATA', 'SYMMETRIC_KEY', 'TEMPLATE'],
      vendor: 'Keywitness',
    })
    expect(offered.operations.includes('DISCOVER_VERSIONS')).toBe(minorOf(version) >= 1)
    expect(offered.operations.includes('ENCRYPT')).toBe(minorOf(version) >= 2)
  })

  test.each(from(1))('%s: the versions that both know are found', async (version) => {
    const { kmip } = speaker(version)
    const listed = { status: 'SUCCESS', versions: ['1.4', '1.3', '1.2', '1.1', '1.0'] }
    expect(await kmip.call('discover_versions')).toEqual(listed)
    expect(
      await kmip.call('discover_versions', {
        offered: [
          [1, 0],
          [9, 9],
        ],
      }),
    ).toEqual({ status: 'SUCCESS', versions: ['1.0'] })
  })

  test.each(versions)('%s: what goes wrong has the reason that PyKMIP knows it by', async (version) => {
    const { kmip } = speaker(version)
    for (const name of ['get', 'activate', 'destroy']) expect(await kmip.refused(name, { uid: nobody })).toBe(notFound)
    expect(await kmip.refused('revoke', { uid: nobody, reason: 'UNSPECIFIED' })).toBe(notFound)
    expect(await kmip.refused('get_attributes', { uid: nobody })).toBe(notFound)
    expect(await kmip.refused('create', { algorithm: 'AES', length: 137 })).toMatch(
      /^OPERATION_FAILED: INVALID_FIELD - /,
    )
    expect(await kmip.refused('create_key_pair', { length: 1_024 })).toMatch(/^OPERATION_FAILED: INVALID_FIELD - /)
    const unmasked = await kmip.told('create_key_pair', { length: 2_048 })
    expect(unmasked.failure?.reason).toBe(minorOf(version) >= 4 ? undefined : 'INVALID_FIELD')
    const uid = await kmip.call('create', { algorithm: 'AES', length: 256 })
    expect(await kmip.refused('revoke', { uid, reason: 'CESSATION_OF_OPERATION' })).toMatch(
      /^OPERATION_FAILED: ILLEGAL_OPERATION - /,
    )
  })

  test.each(versions)(
    '%s: every call is in the trail, in its order, and nothing else is; the last one is proved',
    async (version) => {
      const { kmip, site } = speaker(version)
      await kmip.call('close')
      await settled(house.client)
      const events = await house.client.events(`query=initiator:CertificateID-${site.identity.fingerprint}`)
      const recorded = kmip.asked
        .filter(({ operation, outcome }) => !unrecorded.has(`${operation} ${outcome}`))
        .map(({ operation, outcome }) => {
          // What a version does not have is no operation of it.
          const isServed = outcome === 'success' || minorOf(version) >= 2 || !['Encrypt', 'MAC'].includes(operation)
          return `hs-crypto.${isServed ? (recordedAs[operation] ?? 'kmip-key.default') : 'kmip-key.default'} ${outcome}`
        })
      expect(recorded.length).toBeGreaterThan(50)
      expect(events.map(({ event }) => `${event.action} ${event.outcome}`)).toEqual(recorded)
      for (const { event } of events) {
        expect(event).toMatchObject({
          initiator: { name: site.identity.name, credential: { type: 'certificate' } },
          requestData: { adapterId: site.adapter.id, protocolVersion: version },
        })
      }
      const last = events.at(-1)?.event.id ?? ''
      const key = (await house.client.call('GET', `/v1/trackers/${house.product.location}/log/key`)).text.trim()
      const { entry } = await verifyReceipt(await house.client.receipt(last), [parseVerifierKey(key)])
      expect(JSON.parse(Buffer.from(entry).toString())).toMatchObject({ event: { id: last } })
      // Objects are called by their names; nothing that was kept, wrapped or encrypted is told, and no reason in words.
      expect(events.map(({ event }) => event.target.name)).toContain('payroll')
      const told = JSON.stringify(events)
      for (const secret of [plaintext, 'pässword', hex('pässword'), 'stolen']) expect(told).not.toContain(secret)
    },
  )

  let site: KmipSite

  beforeAll(async () => {
    site = await newKmipSite(house.client, 'pykmip')
  })

  test.each([
    ['filled', 'username=somebody', 'password=secret word'],
    ['blank', 'username=', 'password='],
  ])('credentials, %s, are read, decide nothing and are not recorded', async (name, ...lines) => {
    const kmip = await house.open(name, '1.2', house.configuration(name, site.identity, ...lines))
    const uid = await kmip.call('create', { algorithm: 'AES', length: 256 })
    await kmip.call('close')
    await settled(house.client)
    const events = await house.client.events(`query=key:${uid}`)
    expect(events.map(({ event }) => event.action)).toEqual(['hs-crypto.kmip-key.create'])
    expect(JSON.stringify(events)).not.toContain('secret word')
  })

  test('a certificate that no adapter has is refused with a reason that it prints, whatever the credentials', async () => {
    const config = house.configuration('stranger', newIdentity('stranger'), 'username=somebody', 'password=secret')
    const kmip = await house.open('stranger', '1.4', config)
    expect(await kmip.refused('create', { algorithm: 'AES', length: 256 })).toMatch(
      /^OPERATION_FAILED: AUTHENTICATION_NOT_SUCCESSFUL - /,
    )
    expect((await kmip.told('activate', { uid: '1' })).error).toBeDefined()
    await kmip.call('close')
  })

  test('version 2.0 is refused with a reason that it prints', async () => {
    const kmip = await house.open('2.0', '2.0', house.configuration('2.0', site.identity))
    expect(await kmip.refused('create', { algorithm: 'AES', length: 256 })).toBe(
      'OPERATION_FAILED: INVALID_MESSAGE - The protocol version is not supported.',
    )
    await kmip.call('close')
  })

  test('a server whose authority it is not told of is refused by it', async () => {
    const config = house.configuration('other-authority', site.identity)
    const { certificate } = newIdentity('another authority')
    writeFileSync(join(house.folder, 'other.pem'), certificate)
    writeFileSync(
      config,
      readFileSync(config, 'utf8').replace(/ca_certs=.*/, `ca_certs=${join(house.folder, 'other.pem')}`),
    )
    const { error } = await new PykmipClient(house.pykmip, 'other').told('open', { version: '1.2', config })
    expect(error?.kind).toBe('SSLCertVerificationError')
  })

  test('the example of the guide works as it stands', async () => {
    const guide = readFileSync(join(import.meta.dirname, '../../../docs/guides/kmip-clients.md'), 'utf8')
    const [, settings = ''] = /## PyKMIP[\s\S]*?```\n(\[client\][\s\S]*?)```/.exec(guide) ?? []
    const [, program = ''] = /## PyKMIP[\s\S]*?```python\n([\s\S]*?)```/.exec(guide) ?? []
    const home = join(house.folder, 'home')
    mkdirSync(join(home, '.pykmip'), { recursive: true })
    const ours = new Map(
      readFileSync(house.configuration('guide', site.identity), 'utf8')
        .split('\n')
        .map((line) => [line.split('=')[0] ?? '', line] as const),
    )
    // The guide's lines, with the paths of this place.
    const lines = settings
      .trim()
      .split('\n')
      .map((line) => (line.startsWith('[') ? line : ours.get(line.split('=')[0] ?? '')))
    expect(lines).toHaveLength(ours.size)
    writeFileSync(join(home, '.pykmip/pykmip.conf'), lines.join('\n'))
    const printed = execFileSync(python, ['-c', `${program}\nprint(uid, len(key.value))\n`], {
      env: { HOME: home },
      encoding: 'utf8',
    })
    const [uid = '', length] = printed.trim().split(' ')
    expect(length).toBe('32')
    await settled(house.client)
    const events = await house.client.events(`query=key:${uid}`)
    expect(house.pykmip.complaints).toBe('')
    expect(events.map(({ event }) => `${event.action} ${event.outcome}`)).toEqual([
      'hs-crypto.kmip-key.create success',
      'hs-crypto.kmip-key.activate success',
      'hs-crypto.kmip-key.read success',
      'hs-crypto.kmip-key.revoke success',
      'hs-crypto.kmip-key.destroy success',
    ])
  })
})

/** AES key wrap (RFC 3394), by OpenSSL. */
function wrap(key: Buffer, material: string): string {
  const cipher = createCipheriv('aes128-wrap' as 'aes-128-ecb', key, Buffer.alloc(8, 0xa6))
  return cipher.update(material, 'hex', 'hex') + cipher.final('hex')
}
