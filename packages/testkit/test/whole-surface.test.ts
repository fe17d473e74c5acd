/** The whole key API walked by the published Node SDK and by the client in the style of the Go one; every call is witnessed. */
import { constants, createCipheriv, publicEncrypt, randomBytes } from 'node:crypto'
import { IamAuthenticator } from '@ibm-cloud/ibm-key-protect/auth/index.js'
import KeyProtect from '@ibm-cloud/ibm-key-protect/ibm-key-protect-api/v2.js'
import { afterAll, beforeAll, expect, test } from 'vitest'
import {
  Client,
  GoError,
  type GoResource,
  GoStyleClient,
  newCertificate,
  newDataFolder,
  type Product,
  startProduct,
} from '../src/index.ts'

/** Long enough for a purge, which has the longest of the waits. */
const waitSeconds = 5 * 3_600

/** How far the product's clock is ahead. */
let aheadSeconds = 0

let product: Product
beforeAll(async () => {
  product = await startProduct({ data: newDataFolder() })
})
afterAll(async () => {
  await product.stop()
  product.remove()
})

/** The same data folder, some hours later. */
async function restartLater(): Promise<void> {
  await product.stop()
  aheadSeconds += waitSeconds
  product = await startProduct({ data: product.data, fault: `clock:ahead@${aheadSeconds}` })
}

/** Actions of the key API that the trail has from `from` on, without what the server does by itself. */
async function actionsSince(from: number): Promise<string[]> {
  const client = await new Client(product).signIn()
  const found = (await client.events()).filter(({ index }) => index >= from)
  return found
    .map(({ event }) => event)
    .filter(({ action, initiator }) => action.startsWith('hs-crypto.') && initiator.id.startsWith('KWid-'))
    .map(({ action, outcome }) => `${action.slice('hs-crypto.'.length)}${outcome === 'success' ? '' : ' failed'}`)
}

async function sizeOfTrail(): Promise<number> {
  return (await (await new Client(product).signIn()).events()).length
}

/** What a walk did, in order, as the trail must have it. */
class Steps {
  readonly taken: string[] = []

  async take<R>(action: string, work: Promise<R>): Promise<R> {
    this.taken.push(action)
    return await work
  }

  /** A call that must be refused with this code. */
  async refused(action: string, code: string, work: Promise<unknown>): Promise<void> {
    this.taken.push(`${action} failed`)
    const error = await work.then(
      () => undefined,
      (thrown: unknown) => thrown,
    )
    const said = error instanceof GoError ? error.reasons.map((reason) => reason.code).join() : bodyOf(error)
    if (!said.includes(code)) throw new Error(`${action}: not refused with ${code} but ${said}`, { cause: error })
  }
}

/** What the SDK keeps of a refusal. */
function bodyOf(error: unknown): string {
  return (error as { body?: string } | undefined)?.body ?? 'nothing'
}

/** Material on its way into a root key: Key Protect's form (GCM, SHA-256) or that of HPCS (CBC, SHA-1). */
function sealed(token: Readonly<Record<string, unknown>>, form: 'key-protect' | 'hpcs') {
  const material = randomBytes(32)
  const publicKey = Buffer.from(String(token['payload']), 'base64').toString('utf8')
  const nonce = Buffer.from(String(token['nonce']), 'base64')
  const isHpcs = form === 'hpcs'
  const iv = randomBytes(isHpcs ? 16 : 12)
  const cipher = createCipheriv(isHpcs ? 'aes-256-cbc' : 'aes-256-gcm', material, iv)
  const body = Buffer.concat([cipher.update(nonce), cipher.final()])
  const tag =
    'getAuthTag' in cipher && !isHpcs ? (cipher as unknown as { getAuthTag(): Buffer }).getAuthTag() : undefined
  const oaepHash = isHpcs ? 'sha1' : 'sha256'
  const key = { key: publicKey, padding: constants.RSA_PKCS1_OAEP_PADDING, oaepHash }
  return {
    payload: publicEncrypt(key, material).toString('base64'),
    encryptedNonce: Buffer.concat([body, tag ?? Buffer.alloc(0)]).toString('base64'),
    iv: iv.toString('base64'),
    encryptionAlgorithm: isHpcs ? 'RSAES_OAEP_SHA_1' : 'RSAES_OAEP_SHA_256',
  }
}

test('the client in the style of the Go one gets through the whole surface', { timeout: 120_000 }, async () => {
  const from = await sizeOfTrail()
  let go = new GoStyleClient(product)
  const steps = new Steps()
  const take = steps.take.bind(steps)
  const refused = steps.refused.bind(steps)

  // Rings and keys
  await take('key-rings.create', go.createRing('walk'))
  expect((await take('key-rings.list', go.rings())).map(({ id }) => id)).toEqual(['default', 'walk'])
  const root = await take(
    'secrets.create',
    go.createKey('walked', { extractable: false, keyRing: 'walk', aliases: ['walked-1'], tags: ['t'] }),
  )
  expect(root).toMatchObject({ keyRingID: 'walk', aliases: ['walked-1'], tags: ['t'], state: 1 })
  const secret = Buffer.from('a secret').toString('base64')
  const standard = await take('secrets.create', go.createKey('secret', { extractable: true, payload: secret }))
  const imported = await take(
    'secrets.create',
    go.createKey('imported', { extractable: false, payload: randomBytes(16).toString('base64') }),
  )
  const expiring = await take(
    'secrets.create',
    go.createKey('expiring', { extractable: false, expirationDate: '2094-11-22T11:12:44.19562519Z' }),
  )
  expect(expiring).toMatchObject({ expirationDate: '2094-11-22T11:12:44.195Z' })
  const overridden = await take(
    'secrets.create',
    go.createKeyWithOverrides(
      'overridden',
      { extractable: false },
      { rotation: { enabled: true, interval_month: 3 }, dualAuthDelete: { enabled: true } },
    ),
  )
  expect(overridden).toMatchObject({ rotation: { interval_month: 3 }, dualAuthDelete: { enabled: true } })

  // Reading
  expect(await take('secrets.read', go.getKey(standard.id))).toMatchObject({ payload: secret })
  expect(await take('secrets-metadata.read', go.getKeyMetadata('walked-1'))).toMatchObject({ id: root.id })
  expect(await take('secrets.list', go.keys())).toHaveLength(5)
  const filter = 'filter=+creationDate%3Dgt%3A%222026-01-01T11%3A12%3A44.19562519Z%22+state%3D1%2C2'
  expect(await take('secrets.list', go.listKeys(`${filter}&sort=-creationDate`))).toHaveLength(5)
  expect(await take('secrets.list', go.listKeys(`search=${encodeURIComponent('exact:name:walked,')}`))).toHaveLength(1)
  expect(await take('secrets.list', go.listKeys('limit=1', 'walk'))).toMatchObject([{ id: root.id }])
  await take(
    'secrets.head',
    go.request('HEAD', '/keys').catch(() => undefined),
  )

  // Using
  const wrapped = await take('secrets.wrap', go.wrap('walked-1', secret, ['a', 'b']))
  expect(await take('secrets.wrap', go.wrap(root.id))).toHaveProperty('plaintext')
  await take('secrets.rotate', go.act(root.id, 'rotate'))
  const opened = await take('secrets.unwrap', go.unwrap(root.id, String(wrapped['ciphertext']), ['a', 'b']))
  expect(opened).toMatchObject({ plaintext: secret, rewrappedKeyVersion: { id: expect.any(String) } })
  const moved = await take('secrets.rewrap', go.rewrap(root.id, String(wrapped['ciphertext']), ['a', 'b']))
  expect(moved).not.toHaveProperty('plaintext')
  await refused(
    'secrets.unwrap',
    'UNPROCESSABLE_CIPHERTEXT_ERR',
    go.unwrap(root.id, String(moved['ciphertext']), ['b']),
  )
  await refused('secrets.wrap', 'KEY_ROOT_REQ_ERR', go.wrap(standard.id))
  await refused('secrets.rotate', 'KEY_ROTATION_NOT_PERMITTED', go.act(root.id, 'rotate'))
  await refused('secrets.rotate', 'KEY_PAYLOAD_REQ_ERR', go.act(imported.id, 'rotate'))
  await take('secrets.rotate', go.rotateImported(imported.id, { payload: randomBytes(24).toString('base64') }))
  expect(await take('secrets-key-versions.list', go.listKeyVersions(root.id, '?totalCount=true'))).toHaveLength(2)

  // Import tokens, both forms
  await take('import-token.create', go.createImportToken(600, 2))
  for (const form of ['key-protect', 'hpcs'] as const) {
    const token = await take('import-token.read', go.importTokenTransportKey())
    const key = await take('secrets.create', go.createKey(form, { extractable: false, ...sealed(token, form) }))
    expect(key).toMatchObject({ imported: true })
  }
  await refused('import-token.read', 'IMPORT_TOKEN_EXPIRED_ERR', go.importTokenTransportKey())

  // Aliases and moving
  expect(await take('secrets-alias.create', go.createAlias(root.id, 'walked-2'))).toMatchObject({ keyId: root.id })
  await take('secrets-alias.delete', go.deleteAlias(root.id, 'walked-1'))
  await refused('secrets-metadata.read', 'KEY_NOT_FOUND_ERR', go.getKeyMetadata('walked-1'))
  expect(await take('secrets.patch', go.setKeyRing(root.id, 'default'))).toMatchObject({ keyRingID: 'default' })
  await take('key-rings.delete', go.deleteRing('walk'))

  // Policies
  const rotation = await take('policies.write', go.setKeyPolicy(root.id, 'rotation', { interval_month: 4 }))
  expect(rotation).toMatchObject({ rotation: { enabled: true, interval_month: 4 } })
  await refused('policies.write', 'INVALID_FIELD_ERR', go.setKeyPolicy(root.id, 'rotation', { interval_month: -1 }))
  await take('policies.write', go.setKeyPolicy(root.id, 'rotation', { enabled: false }))
  await take('policies.write', go.setKeyPolicy(root.id, 'dualAuthDelete', { enabled: false }))
  expect(await take('policies.read', go.keyPolicies(root.id))).toHaveLength(2)
  const network = { enabled: false, attributes: { allowed_network: 'public-and-private' } }
  await take(
    'instance-policies.write',
    go.setInstancePolicies(
      { policy_type: 'allowedNetwork', policy_data: network },
      { policy_type: 'dualAuthDelete', policy_data: { enabled: false } },
      { policy_type: 'allowedIP', policy_data: { enabled: false, attributes: { allowed_ip: null } } },
    ),
  )
  const access = {
    policy_type: 'keyCreateImportAccess',
    policy_data: { enabled: true, attributes: { enforce_token: true } },
  }
  await take('instance-policies.write', go.setInstancePolicies(access))
  expect(await take('instance-policies.read', go.instancePolicies('?policy=keyCreateImportAccess'))).toMatchObject([
    { policy_data: { attributes: { create_root_key: true, enforce_token: true } } },
  ])
  const payload = randomBytes(32).toString('base64')
  await refused(
    'secrets.create',
    'KEY_CREATE_IMPORT_ACCESS_ERR',
    go.createKey('plain', { extractable: false, payload }),
  )
  await take('instance-policies.write', go.setInstancePolicies({ ...access, policy_data: { enabled: false } }))
  await take('instance-allowed-ip-port.read', go.request('GET', '/instance/allowed_ip_port'))
  await take('registrations.list', go.registrations())
  await take('registrations.list', go.registrations(root.id, '?preventKeyDeletion=true&totalCount=true'))

  // KMIP
  const adapter = await take('kmip-management.create', go.createAdapter(root.id, { name: 'walk' }))
  expect(adapter).toMatchObject({ profile: 'native_1.0', profile_data: { crk_id: root.id } })
  await take('kmip-management.create', go.createAdapter('walked-2'))
  expect(await take('kmip-management.list', go.adapters(`?crk_id=${root.id}&totalCount=true`))).toHaveLength(2)
  expect(await take('kmip-management.read', go.adapter('walk'))).toEqual(adapter)
  const pem = newCertificate('walk')
  const certificate = await take('kmip-management.create', go.createCertificate('walk', pem, 'host'))
  expect(await take('kmip-management.list', go.kmipList('walk', 'certificates'))).toMatchObject([
    { id: certificate.id },
  ])
  expect(await take('kmip-management.read', go.certificate(adapter.id, 'host'))).toMatchObject({ certificate: pem })
  expect(await take('kmip-management.list', go.kmipList('walk', 'kmip_objects', '?limit=0&state=1%2C2'))).toEqual([])
  await refused('secrets.delete', 'PROTECTED_RESOURCE_ERR', go.deleteKey(root.id, 'minimal', true))
  await take('kmip-management.delete', go.deleteKmip('walk/certificates/host'))
  for (const { id } of await take('kmip-management.list', go.adapters())) {
    await take('kmip-management.delete', go.deleteKmip(id))
  }

  // Dual authorisation
  await refused('secrets.delete', 'AUTHORIZATIONS_NOT_MET', go.deleteKey(overridden.id, 'minimal'))
  await take('secrets.setkeyfordeletion', go.act(overridden.id, 'setKeyForDeletion'))
  await refused('secrets.delete', 'AUTHORIZATIONS_NOT_MET', go.deleteKey(overridden.id, 'minimal'))
  await take('secrets.unsetkeyfordeletion', go.act(overridden.id, 'unsetKeyForDeletion'))
  await refused('secrets.setkeyfordeletion', 'NOT_DUAL_AUTH_ERR', go.act(root.id, 'setKeyForDeletion'))

  // Suspending and deleting; what needs a wait comes after it
  await take('secrets.sync', go.sync(expiring.id))
  await take('secrets.disable', go.act(root.id, 'disable'))
  await refused('secrets.wrap', 'KEY_ACTION_INVALID_STATE_ERR', go.wrap(root.id))
  await refused('secrets.enable', 'REQ_TOO_EARLY_ERR', go.act(root.id, 'enable'))
  expect(await take('secrets.delete', go.deleteKey(standard.id, 'representation'))).toMatchObject({
    state: 5,
    deleted: true,
    purgeAllowed: false,
  })
  expect(await take('secrets.delete', go.deleteKey(imported.id, 'minimal'))).toBeUndefined()
  await refused('secrets.restore', 'REQ_TOO_EARLY_ERR', go.restoreKey(imported.id))
  await refused('secrets.delete', 'KEY_DELETED_ERR', go.deleteKey(imported.id, 'minimal'))
  await refused('secrets.purge', 'UNAUTHORIZED_ERR', go.purgeKey(standard.id, 'minimal').catch(asUnauthorized))
  await expect.poll(() => actionsSince(from)).toEqual(steps.taken)

  // Later
  await restartLater()
  go = new GoStyleClient(product)
  const later = await sizeOfTrail()
  steps.taken.length = 0
  await take('secrets.enable', go.act(root.id, 'enable'))
  expect(await take('secrets.restore', go.restoreKey(imported.id))).toMatchObject({ state: 1, deleted: false })
  const client = await new Client(product).signIn()
  const { identity } = (
    await client.call<{ identity: { id: string } }>('POST', '/v1/session', {
      body: { apikey: product.apiKey },
    })
  ).json
  const purger = { identity: identity.id, role: 'KeyPurge', scope: { kind: 'instance', id: product.instance } }
  expect((await client.call('POST', '/v1/iam/roles', { body: purger })).status).toBe(201)
  expect(await take('secrets.purge', go.purgeKey(standard.id, 'representation'))).toMatchObject({ id: standard.id })
  await refused('secrets-metadata.read', 'KEY_NOT_FOUND_ERR', go.getKeyMetadata(standard.id))
  await expect.poll(() => actionsSince(later)).toEqual(steps.taken)
})

test('the published Node SDK gets through everything it knows', { timeout: 120_000 }, async () => {
  const from = await sizeOfTrail()
  let call = sdkCalls()
  const steps = new Steps()
  const take = steps.take.bind(steps)
  const refused = steps.refused.bind(steps)
  const type = 'application/vnd.ibm.kms.key+json'
  const create = async (name: string, members: object = {}): Promise<GoResource> => {
    const resources = [{ type, name, extractable: false, ...members }]
    const body = { metadata: { collectionType: type, collectionTotal: 1 }, resources }
    return firstOf(await call('createKey', { body, prefer: 'return=representation' }))
  }
  const policies = (...resources: object[]) => ({
    metadata: { collectionType: 'application/vnd.ibm.kms.policy+json', collectionTotal: resources.length },
    resources,
  })

  await take('key-rings.create', call('createKeyRing', { keyRingId: 'sdk' }))
  expect(resourcesOf(await take('key-rings.list', call('listKeyRings')))).toMatchObject([
    { id: 'default' },
    { id: 'sdk' },
  ])
  const root = await take('secrets.create', create('sdk-root', { aliases: ['sdk-one'] }))
  const { id } = root
  const secret = Buffer.from('a secret').toString('base64')
  const standard = await take('secrets.create', create('sdk-standard', { extractable: true, payload: secret }))
  expect(standard).toMatchObject({ payload: secret })
  expect(firstOf(await take('secrets.read', call('getKey', { id: standard.id })))).toMatchObject({ payload: secret })
  expect(firstOf(await take('secrets-metadata.read', call('getKeyMetadata', { id: 'sdk-one' })))).toMatchObject({ id })
  expect(resourcesOf(await take('secrets.list', call('getKeys', { state: [0, 1, 5], limit: 1 })))).toHaveLength(1)
  const counted = await take('secrets.head', call('getKeyCollectionMetadata', { state: [1], extractable: true }))
  expect(Number(counted.headers['key-total'])).toBeGreaterThan(0)

  const wrapped = await take(
    'secrets.wrap',
    call('wrapKey', { id, keyActionWrapBody: { plaintext: secret, aad: ['a'] } }),
  )
  const { ciphertext } = wrapped.result as { ciphertext: string }
  await take('secrets.rotate', call('rotateKey', { id, prefer: 'return=representation' }))
  const keyActionUnwrapBody = { ciphertext, aad: ['a'] }
  const opened = await take('secrets.unwrap', call('unwrapKey', { id, keyActionUnwrapBody }))
  expect(opened.result).toMatchObject({ plaintext: secret })
  await take('secrets.rewrap', call('rewrapKey', { id, keyActionRewrapBody: keyActionUnwrapBody }))
  await refused('secrets.rotate', 'KEY_ROTATION_NOT_PERMITTED', call('rotateKey', { id }))
  expect(resourcesOf(await take('secrets-key-versions.list', call('getKeyVersions', { id })))).toHaveLength(2)

  await take('import-token.create', call('postImportToken', { expiration: 600, maxAllowedRetrievals: 1 }))
  const token = (await take('import-token.read', call('getImportToken'))).result as Record<string, unknown>
  expect(await take('secrets.create', create('sdk-sealed', sealed(token, 'hpcs')))).toMatchObject({ imported: true })

  await take('secrets-alias.create', call('createKeyAlias', { id, alias: 'sdk-two' }))
  await take('secrets-alias.delete', call('deleteKeyAlias', { id, alias: 'sdk-one' }))
  await take('key-rings.delete', call('deleteKeyRing', { keyRingId: 'sdk' }))

  const rotation = { type: 'application/vnd.ibm.kms.policy+json', rotation: { enabled: true, interval_month: 2 } }
  await take('policies.write', call('putPolicy', { id, setKeyPoliciesOneOf: policies(rotation), policy: 'rotation' }))
  expect(resourcesOf(await take('policies.read', call('getPolicy', { id })))).toHaveLength(1)
  const metrics = { policy_type: 'metrics', policy_data: { enabled: true } }
  await take(
    'instance-policies.write',
    call('putInstancePolicy', { setInstancePoliciesOneOf: policies(metrics), policy: 'metrics' }),
  )
  const found = await take('instance-policies.read', call('getInstancePolicy', { policy: 'metrics' }))
  expect(resourcesOf(found)).toMatchObject([{ policy_type: 'metrics', policy_data: { enabled: true } }])
  await take('instance-allowed-ip-port.read', call('getAllowedIpPort'))
  await take('registrations.list', call('getRegistrations', { id, totalCount: true }))
  const crn = 'crn:v1:bluemix:public:cloud-object-storage:global:a/1:2:bucket:*'
  await take('registrations.list', call('getRegistrationsAllKeys', { urlEncodedResourceCrnQuery: crn }))

  await refused('secrets.setkeyfordeletion', 'NOT_DUAL_AUTH_ERR', call('setKeyForDeletion', { id }))
  await refused('secrets.unsetkeyfordeletion', 'NOT_DUAL_AUTH_ERR', call('unsetKeyForDeletion', { id }))
  await refused('secrets.sync', 'REQ_TOO_EARLY_ERR', call('syncAssociatedResources', { id }))
  await take('secrets.disable', call('disableKey', { id }))
  const gone = await take('secrets.delete', call('deleteKey', { id: standard.id, prefer: 'return=representation' }))
  expect(firstOf(gone)).toMatchObject({ state: 5, deleted: true })
  await refused('secrets.delete', 'KEY_DELETED_ERR', call('deleteKey', { id: standard.id }))
  await expect.poll(() => actionsSince(from)).toEqual(steps.taken)

  await restartLater()
  call = sdkCalls()
  const later = await sizeOfTrail()
  steps.taken.length = 0
  await take('secrets.sync', call('syncAssociatedResources', { id: standard.id }))
  await take('secrets.enable', call('enableKey', { id }))
  const restored = await take('secrets.restore', call('restoreKey', { id: standard.id }))
  expect(restored.status).toBe(201)
  await expect.poll(() => actionsSince(later)).toEqual(steps.taken)
})

interface SdkAnswer {
  readonly status: number
  readonly result: unknown
  readonly headers: Readonly<Record<string, string>>
}

/** The SDK's methods by name: its own types are looser than what it sends. */
function sdkCalls(): (method: string, parameters?: object) => Promise<SdkAnswer> {
  const { url, apiKey, instance } = product
  const authenticator = new IamAuthenticator({ apikey: apiKey, url })
  const sdk = new KeyProtect({ authenticator, serviceUrl: url }) as unknown as Record<
    string,
    (parameters: object) => Promise<SdkAnswer>
  >
  return async (method, parameters = {}) => {
    const run = sdk[method]
    if (run === undefined) throw new Error(`the SDK has no ${method}`)
    return await run.call(sdk, { bluemixInstance: instance, ...parameters })
  }
}

function resourcesOf({ result }: SdkAnswer): readonly GoResource[] {
  return (result as { resources: readonly GoResource[] }).resources
}

function firstOf(answer: SdkAnswer): GoResource {
  const [first] = resourcesOf(answer)
  if (first === undefined) throw new Error('no resource')
  return first
}

/** A refusal for want of a right has no reasons (reference section 3.5). */
function asUnauthorized(error: unknown): never {
  expect(error).toMatchObject({ status: 401, reasons: [] })
  throw new GoError(401, '', [{ code: 'UNAUTHORIZED_ERR', message: '', status: 401 }], {})
}
