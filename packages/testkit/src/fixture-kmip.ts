/** What KMIP clients keep in a data folder that is kept as a fixture: made over the wire, and fetched over it later. */
import { aesKey, attribute, childrenOf, nameAttribute, uid, uidOf } from '@keywitness/server/kmip/testing/messages'
import { enumerations } from '@keywitness/server/kmip/ttlv/enumerations'
import { bytes, dateTime, enumeration, type Item, structure, text } from '@keywitness/server/kmip/ttlv/item'
import { tags } from '@keywitness/server/kmip/ttlv/tags'
import { selfSigned } from '@keywitness/server/testing/self-signed'
import type { Client } from './client.ts'
import { addKmipCertificate, newKmipAdapter } from './kmip-adapter.ts'
import { connectKmip, kmipPlace } from './kmip-client.ts'
import type { Identity } from './new-certificate.ts'
import { VCenter } from './vcenter.ts'

/** An object, and the value of one byte string in Get's answer: key material, or opaque data; hexadecimal. */
interface KeptObject {
  readonly id: string
  readonly value: string
}

export interface KeptKmip {
  readonly adapter: string
  /** Of the only client; its private key opens this folder, and nothing else. */
  readonly identity: Identity
  readonly objects: readonly KeptObject[]
  /** Destroyed. */
  readonly destroyed: string
  /** By a name, and by an attribute of the client's own. */
  readonly located: { readonly name: string; readonly id: string }
}

/** The clock of such a product is far from ours, and so are the times of its certificate. */
const anyTime = { rejectUnauthorized: false }

/** Leads it under a root key that is rotated meanwhile; `rotate` does that. */
export async function leadKmipLife(
  product: { readonly kmip: string; readonly data: string },
  client: Client,
  { rootKey, rotate }: { readonly rootKey: string; readonly rotate: () => Promise<void> },
): Promise<KeptKmip> {
  const adapter = await newKmipAdapter(client, 'datacentre', rootKey)
  const { cert, key } = selfSigned('vcenter-1')
  const identity = { certificate: cert, key }
  await addKmipCertificate(client, adapter, 'vcenter-1', identity)
  const vcenter = new VCenter(kmipPlace(product), identity, anyTime)
  const machine = { identifier: '4210aaaa-0000-4000-8000-000000000001', component: 'Virtual Machine' } as const
  const objects: KeptObject[] = []
  const keep = async (id: string): Promise<void> => {
    objects.push({ id, value: (await vcenter.fetchKey(id)).toString('hex') })
  }
  await keep(await vcenter.encrypt({ ...machine, name: 'billing-1' }))
  await rotate()
  await keep(await vcenter.encrypt({ ...machine, name: 'billing-2' }))

  const connection = await connectKmip(kmipPlace(product), identity, anyTime)
  const later = attribute('Deactivation Date', dateTime(0, 4_000_000_000))
  const named = uidOf(await connection.ask('Create', aesKey([nameAttribute('archive'), later])))
  for (const payload of registered) {
    const id = uidOf(await connection.ask('Register', payload))
    objects.push({ id, value: valueOf(await connection.ask('Get', [uid(id)])) })
  }
  const destroyed = uidOf(await connection.ask('Create', aesKey([nameAttribute('of last year')])))
  await connection.ask('Activate', [uid(destroyed)])
  await connection.refused('Destroy', [uid(destroyed)])
  const code = enumeration(tags.RevocationReasonCode, enumerations.RevocationReasonCode.KeyCompromise)
  await connection.ask('Revoke', [uid(destroyed), structure(tags.RevocationReason, [code])])
  await connection.ask('Destroy', [uid(destroyed)])
  await connection.ask('Locate', [nameAttribute('archive')])
  await connection.close()
  return { adapter: adapter.name, identity, objects, destroyed, located: { name: 'archive', id: named } }
}

/** Secret data and opaque data, as Register takes them. */
const registered: readonly (readonly Item[])[] = [
  [
    enumeration(tags.ObjectType, enumerations.ObjectType.SecretData),
    structure(tags.TemplateAttribute, [nameAttribute('password of the array'), attribute('x-Array', text(0, 'north'))]),
    structure(tags.SecretData, [
      enumeration(tags.SecretDataType, enumerations.SecretDataType.Password),
      structure(tags.KeyBlock, [
        enumeration(tags.KeyFormatType, enumerations.KeyFormatType.Opaque),
        structure(tags.KeyValue, [bytes(tags.KeyMaterial, Buffer.from('correct horse'))]),
      ]),
    ]),
  ],
  [
    enumeration(tags.ObjectType, enumerations.ObjectType.OpaqueObject),
    structure(tags.TemplateAttribute, [nameAttribute('notes')]),
    structure(tags.OpaqueObject, [
      enumeration(tags.OpaqueDataType, 0x8000_0001),
      bytes(tags.OpaqueDataValue, Buffer.from('battery staple')),
    ]),
  ],
]

/** The only byte string of an object that Get answers. */
function valueOf(fields: readonly Item[]): string {
  const found = fields.flatMap(byteStrings)
  if (found.length !== 1) throw new Error(`there are ${found.length} byte strings`)
  return found.join('')
}

function byteStrings(item: Item): string[] {
  return item.type === 'ByteString' ? [Buffer.from(item.value).toString('hex')] : childrenOf(item).flatMap(byteStrings)
}

/** The same, as the client finds it now. */
export async function fetchKmip(
  product: { readonly kmip: string; readonly data: string },
  kept: KeptKmip,
): Promise<KeptKmip> {
  const connection = await connectKmip(kmipPlace(product), kept.identity, anyTime)
  const objects: KeptObject[] = []
  for (const { id } of kept.objects) objects.push({ id, value: valueOf(await connection.ask('Get', [uid(id)])) })
  const reason = await connection.refused('Get', [uid(kept.destroyed)])
  const [located] = await connection.ask('Locate', [nameAttribute(kept.located.name)], { minor: 0 })
  await connection.close()
  return {
    ...kept,
    objects,
    destroyed: reason === 'ItemNotFound' ? kept.destroyed : reason,
    located: { ...kept.located, id: located?.type === 'TextString' ? located.value : 'nothing' },
  }
}
