/** Adapters and client certificates for tests, made as an operator makes them: over the management API. */
import { createHash, X509Certificate } from 'node:crypto'
import type { Client } from './client.ts'
import { type Identity, newIdentity } from './new-certificate.ts'

export interface KmipAdapter {
  readonly id: string
  readonly name: string
  /** The root key's id. */
  readonly rootKey: string
}

/** A certificate that is registered, with its private key. */
export interface KmipIdentity extends Identity {
  readonly id: string
  readonly name: string
  /** SHA-256 of the certificate, hexadecimal. */
  readonly fingerprint: string
}

/** An adapter with one client, and the client's certificate. */
export interface KmipSite {
  readonly adapter: KmipAdapter
  readonly identity: KmipIdentity
}

interface Made {
  readonly resources: readonly { readonly id: string }[]
}

async function make(client: Client, path: string, type: string, resource: object): Promise<string> {
  const metadata = { collectionType: `application/vnd.ibm.kms.${type}+json`, collectionTotal: 1 }
  const reply = await client.call<Made>('POST', path, { body: { metadata, resources: [resource] } })
  const id = reply.json?.resources?.[0]?.id
  if (reply.status !== 201 || id === undefined) throw new Error(`no ${type}: ${reply.status} ${reply.text}`)
  return id
}

/** @param rootKey its id; by default one is made */
export async function newKmipAdapter(client: Client, name: string, rootKey?: string): Promise<KmipAdapter> {
  const crk = rootKey ?? (await client.createKey(`root of ${name}`))
  const resource = { profile: 'native_1.0', profile_data: { crk_id: crk }, name }
  return { id: await make(client, '/api/v2/kmip_adapters', 'kmip_adapter', resource), name, rootKey: crk }
}

/** Registers a certificate at an adapter. */
export async function addKmipCertificate(
  client: Client,
  adapter: KmipAdapter,
  name: string,
  identity: Identity = newIdentity(name),
): Promise<KmipIdentity> {
  const path = `/api/v2/kmip_adapters/${adapter.id}/certificates`
  const resource = { name, certificate: identity.certificate }
  const id = await make(client, path, 'kmip_client_certificate', resource)
  const { raw } = new X509Certificate(identity.certificate)
  return { ...identity, id, name, fingerprint: createHash('sha256').update(raw).digest('hex') }
}

/** An adapter with one client. */
export async function newKmipSite(client: Client, name: string): Promise<KmipSite> {
  const adapter = await newKmipAdapter(client, name)
  return { adapter, identity: await addKmipCertificate(client, adapter, `client-of-${name}`) }
}
