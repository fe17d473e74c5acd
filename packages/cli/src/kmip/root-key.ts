/** The root key behind a KMIP adapter: whether its clients can make keys now, and read those that they made. */
import { memberOf, Refused } from '../api-client.ts'
import { CliError } from '../cli-error.ts'
import { stateText } from '../key-text.ts'
import { type KmsApi, kmsPath, type Resource } from '../kms-api.ts'
import { printable } from '../printable.ts'
import { memberText } from '../resource-output.ts'

export interface RootKey {
  readonly id: string
  /** Empty where it is not known. */
  readonly name: string
  /** In words, such as `active`; undefined where the caller may not know it. */
  readonly state: string | undefined
  /** Why the state is not known. */
  readonly reason: string | undefined
}

export function rootKeyId(adapter: Resource): string {
  const id = memberOf(adapter['profile_data'], 'crk_id')
  return typeof id === 'string' ? id : ''
}

/** What the key service tells of it, which counts as a read of the key. */
export async function rootKeyOf(kms: KmsApi, adapter: Resource): Promise<RootKey> {
  const id = rootKeyId(adapter)
  try {
    const key = await kms.resource('GET', kmsPath`/keys/${id}/metadata`)
    return { id, name: memberText(key, 'name'), state: stateText(key), reason: undefined }
  } catch (error) {
    if (!(error instanceof Refused)) throw error
    if (error.status === 404 || error.status === 410) return { id, name: '', state: 'destroyed', reason: undefined }
    return { id, name: '', state: undefined, reason: error.message }
  }
}

/** As a row of text. */
export function rootKeyText({ state, reason }: RootKey): string {
  return state ?? `not known: ${reason ?? ''}`
}

interface Trouble {
  /** The end of a sentence about the root key. */
  readonly text: string
  readonly advice: string | undefined
}

/** What its state keeps clients from; undefined while it is active, or not known. */
export function rootKeyTrouble({ id, state }: RootKey): Trouble | undefined {
  if (state === undefined || state === 'active') return undefined
  if (state === 'suspended') {
    return {
      text: 'is suspended (disabled): keys are neither made nor given out',
      advice: `keywitness keys enable ${printable(id)} undoes that`,
    }
  }
  if (state === 'deactivated') {
    const advice = 'let its clients use an adapter with another root key'
    return { text: 'has expired: keys that are there are given out, and no new ones are made', advice }
  }
  if (state === 'destroyed') return { text: 'is destroyed: no key of its clients can be read again', advice: undefined }
  return { text: `is ${state === '' ? 'in an unknown state' : state}, not active`, advice: undefined }
}

/** Adapters and certificates looked through at most: as many as an instance, and an adapter, may have. */
const listMax = 200

/** The adapter that a certificate is registered at, as far as this caller sees; each list that is read is recorded. */
export async function adapterOfCertificate(kms: KmsApi, fingerprint: string): Promise<Resource> {
  const query = { limit: listMax }
  for (const adapter of await kms.resources('GET', '/kmip_adapters', { query })) {
    const path = kmsPath`/kmip_adapters/${memberText(adapter, 'id')}/certificates`
    const certificates = await kms.resources('GET', path, { query })
    if (certificates.some((one) => one['fingerprint'] === fingerprint)) return adapter
  }
  throw new CliError('BAD_INPUT', 'no adapter of this instance has the certificate')
}
