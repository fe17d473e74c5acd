/** KMIP management in the key service's house of tests: parts, calls, and objects that no client made. */
import { selfSigned } from '../../../testing/self-signed.ts'
import { keyIdOf } from '../../../keys/admit.ts'
import type { House } from '../../../keys/testing/house.ts'
import { Turns } from '../../../keys/turns.ts'
import { addKey } from '../../../keys/testing/wishes.ts'
import { createAdapter, type CreateAdapterWish } from '../create-adapter.ts'
import { createCertificate } from '../create-certificate.ts'
import { kmipLimits } from '../limits.ts'
import type { KmipParts } from '../parts.ts'
import type { AdapterRow, ObjectState, WholeCertificateRow } from '../rows.ts'
import { kmipStore } from '../store.ts'
import { objectStore } from '../../objects/object-store.ts'

/** Fingerprints whose connections were to end. */
export const dropped: string[] = []

export function kmipParts(house: House): KmipParts {
  const { access, clock, random, keys } = house.parts
  return {
    kmip: kmipStore(house.store),
    findKey: (instance, id) => keys.find(instance, keyIdOf(id)),
    objects: objectStore(house.store),
    turns: new Turns(() => 0),
    searchSpace: kmipLimits.searchSpace,
    serviceName: 'Keywitness',
    oweForgetting: () => void house.parts.forget(),
    dropClient: (fingerprint) => void dropped.push(fingerprint),
    access,
    clock,
    random,
  }
}

/** An adapter for a new root key, or for the one named. */
export async function addAdapter(house: House, wish: Partial<CreateAdapterWish> = {}): Promise<AdapterRow> {
  const crk = wish.crk ?? (await addKey(house)).id
  const wanted = { name: undefined, description: '', allowExpiringKey: false, ...wish, crk }
  return await house.run(
    'hs-crypto.kmip-management.create',
    createAdapter(house.call(), () => wanted, kmipParts(house)),
  )
}

/** A certificate of the adapter; a new one unless `pem` is given. */
export async function addCertificate(
  house: House,
  adapter: string,
  wish: { name?: string; pem?: string } = {},
): Promise<WholeCertificateRow> {
  const wanted = { name: wish.name, pem: wish.pem ?? selfSigned('client').cert }
  const operation = createCertificate(house.call(), adapter, () => wanted, kmipParts(house))
  return await house.run('hs-crypto.kmip-management.create', operation)
}

/** Puts an object in place, as a KMIP client would have made it. */
export function putObject(house: House, adapter: AdapterRow, state: ObjectState, number = 1): string {
  const id = `00000000-0000-4000-8000-${String(number).padStart(12, '0')}`
  const isGone = state >= 5
  house.store.run(
    `INSERT INTO kmip_objects (instance, adapter, id, type, state, revision, form, attributes, blob, root_version,
      created_at, created_by, created_by_certificate, destroyed_at, destroyed_by)
      VALUES (?, ?, ?, 2, ?, 1, '{"format":1}', unhex('4200910100000000'), ?, ?, ?, 'CertificateID-1', 'one', ?, ?)`,
    [
      adapter.instance,
      adapter.id,
      id,
      state,
      isGone ? null : Buffer.from('wrapped'),
      isGone ? null : adapter.crk,
      number,
      isGone ? number : null,
      isGone ? 'CertificateID-1' : null,
    ],
  )
  return id
}
