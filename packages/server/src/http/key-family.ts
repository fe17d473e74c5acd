/** Families of the key API: under which action an invalid request is recorded, by its path. */
import type { ActionName } from '@keywitness/cadf'
import type { FastifyRequest } from 'fastify'
import { pathSegments } from './request-facts.ts'

/** Below which every path belongs to the key API. */
export const keyApiRoot = '/api/v2'

/** The action of an invalid request; undefined outside every family (reference: kms-rest-api.md, section 10.4). */
export function familyAction(request: FastifyRequest): ActionName | undefined {
  const [, , family, id, below] = pathSegments(request)
  if (family === 'key_rings') return 'hs-crypto.key-rings.request'
  if (family === 'import_token') return 'hs-crypto.import-token.request'
  if (family === 'instance') return 'hs-crypto.instance-policies.request'
  if (family === 'kmip_adapters') return 'hs-crypto.kmip-management.default'
  if (family === 'keys_with_policy_overrides' || family === 'event_ack') return 'hs-crypto.secrets.default'
  if (family !== 'keys') return undefined
  if (below === 'aliases') return 'hs-crypto.secrets-alias.request'
  if (below === 'policies') return 'hs-crypto.policies.default'
  if (below === 'registrations' || id === 'registrations') return 'hs-crypto.registrations.default'
  return 'hs-crypto.secrets.default'
}
