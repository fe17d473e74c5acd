/** Reading the bodies of KMIP management: an envelope with exactly one adapter or one certificate. */
import { Refusal } from '../../errors.ts'
import { type JsonObject, type JsonValue, isJsonObject, memberOf } from '../../http/json.ts'
import { boundedText, isBetween, onlyResource, textOf } from '../../keys/members.ts'
import { badField } from '../../keys/refusals.ts'
import { kmipLimits } from './limits.ts'

export interface AdapterWish {
  /** Undefined: made here. */
  readonly name: string | undefined
  readonly description: string
  /** Id or alias of the root key. */
  readonly crk: string
}

export interface CertificateWish {
  readonly name: string | undefined
  /** As it came. */
  readonly pem: string
}

/** The only profile there is. */
export const adapterProfile = 'native_1.0'

const uuid = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i

/** @throws Refusal `NO_BODY_ERR`, `BAD_BODY_ERR`, `INVALID_FIELD_ERR` naming the member */
export function parseAdapter(body: JsonValue | undefined): AdapterWish {
  const adapter = onlyResource(body)
  knownOnly(adapter, ['name', 'description', 'profile', 'profile_data'])
  if (textOf(adapter, 'profile') !== adapterProfile) {
    throw badField('profile', `The profile of an adapter is ${adapterProfile}.`)
  }
  const profile = memberOf(adapter, 'profile_data')
  if (!isJsonObject(profile)) throw badField('profile_data', 'profile_data must be an object with crk_id.')
  knownOnly(profile, ['crk_id'])
  const crk = textOf(profile, 'crk_id') ?? ''
  if (!isBetween(crk, 2, 90)) throw badField('crk_id', 'crk_id must be the id or an alias of a root key.')
  const description = textOf(adapter, 'description') ?? ''
  if (description !== '') boundedText(adapter, 'description', { min: 1, max: kmipLimits.descriptionLength })
  return { name: nameOf(adapter), description, crk }
}

/** @throws Refusal `NO_BODY_ERR`, `BAD_BODY_ERR`, `INVALID_FIELD_ERR` naming the member */
export function parseCertificateBody(body: JsonValue | undefined): CertificateWish {
  const resource = onlyResource(body)
  knownOnly(resource, ['name', 'certificate'])
  const pem = textOf(resource, 'certificate')
  if (pem === undefined) throw badField('certificate', 'The certificate is missing.')
  return { name: nameOf(resource), pem }
}

/** A name that no id can be mistaken for: both stand in the same place of a path. An empty one is none. */
function nameOf(members: JsonObject): string | undefined {
  const name = textOf(members, 'name') ?? ''
  if (name === '') return undefined
  const { min, max } = kmipLimits.nameLength
  if (isBetween(name, min, max) && /^[A-Za-z0-9_-]+$/.test(name) && !uuid.test(name)) return name
  throw badField('name', `A name has ${min} to ${max} letters, digits, - and _, and is not a UUID.`)
}

function knownOnly(members: JsonObject, names: readonly string[]): void {
  for (const name of Object.keys(members)) {
    if (!names.includes(name.toLowerCase())) {
      throw new Refusal('BAD_BODY_ERR', { message: 'The resource has a member that is not known here.' })
    }
  }
}
