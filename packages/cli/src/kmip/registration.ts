/** Registers a client certificate at a KMIP adapter. */
import { envelope, type KmsApi, kmsPath, type Resource } from '../kms-api.ts'
import { advised } from '../refusal-advice.ts'

export interface NewCertificate {
  readonly pem: string
  /** Made by the service when undefined. */
  readonly name: string | undefined
}

/** From then on its owner may use every object of the adapter. @throws Refused */
export function registerCertificate(kms: KmsApi, adapter: string, { pem, name }: NewCertificate): Promise<Resource> {
  const resource = { certificate: pem, ...(name === undefined ? {} : { name }) }
  const json = envelope('kmip_client_certificate', resource)
  const advice = { ALREADY_EXISTS: 'a certificate belongs to one adapter, and its name there to one certificate' }
  return advised(advice, kms.resource('POST', kmsPath`/kmip_adapters/${adapter}/certificates`, { json }))
}
