/** Where no address stands, and why. */
import { type Initiator, initiatorTypes } from '@keywitness/cadf'
import { expect, test } from 'vitest'
import { withoutAddress } from './without-address.ts'

const by = (id: string, typeURI: Initiator['typeURI']): Initiator => ({
  id,
  name: id,
  typeURI,
  credential: { type: 'none' },
  host: {},
})
const client = by('CertificateID-4f', initiatorTypes.certificate)
const nobody = by('unknown', initiatorTypes.unknown)
const person = by('IBMid-ana', initiatorTypes.user)

test.each([
  ['kmip', 'hs-crypto.kmip-key.read', client, {}],
  ['kmip', 'hs-crypto.kmip-key-attributes.update', client, {}],
  ['kmip', 'hs-crypto.kmip-key.default', nobody, {}],
  ['kmip', 'iam-identity.authentication.flood', nobody, { protocol: 'KMIP' }],
  ['private', 'iam-identity.authentication.flood', nobody, { protocol: 'HTTP' }],
  ['private', 'hs-crypto.kmip-management.read', person, {}],
  ['itself', 'hs-crypto.kmip-key.revoke', by('iam-ServiceId-keywitness', initiatorTypes.serviceId), {}],
] as const)('%s: %s', (why, action, initiator, requestData) => {
  expect(withoutAddress({ action, initiator, requestData })).toBe(why)
})
