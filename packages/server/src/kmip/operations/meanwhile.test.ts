/** What is decided while something else changes is decided anew: no use of a key is recorded after its end. */
import { beforeEach, expect, test } from 'vitest'
import { enumerations } from '../ttlv/enumerations.ts'
import { bytes, enumeration, type Item, structure } from '../ttlv/item.ts'
import { tags } from '../ttlv/tags.ts'
import { type KmipHouse, openKmipHouse } from '../testing/kmip-house.ts'
import { aesKey, uid } from '../testing/messages.ts'
import { activeKey, createKey, revocation, secretData } from '../testing/payloads.ts'

const WRAP = 0x10

let house: KmipHouse
let key: string
let got: string
beforeEach(async () => {
  house = await openKmipHouse()
  key = await activeKey(house.client, [], 12 | WRAP)
  got = await createKey(house.client)
  // From now on a Get changes nothing of it.
  await house.client.ask('Get', [uid(got)])
})

/** Once, while the crypto unit works. */
function meanwhile(act: () => Promise<unknown> | void): void {
  house.unit.meanwhile = async () => {
    house.unit.meanwhile = undefined
    await act()
  }
}

const revokeKey = () => house.client.ask('Revoke', revocation(key, 'Superseded'))
const disableRoot = () => house.forceState(house.client.adapter.crk, 2)

function encryption(): Item[] {
  const mode = enumeration(tags.BlockCipherMode, enumerations.BlockCipherMode.ECB)
  return [uid(key), structure(tags.CryptographicParameters, [mode]), bytes(tags.Data, Buffer.alloc(16))]
}

function wrapped(): Item[] {
  const specification = structure(tags.KeyWrappingSpecification, [
    enumeration(tags.WrappingMethod, 1),
    structure(tags.EncryptionKeyInformation, [uid(key)]),
  ])
  return [uid(got), specification]
}

test.each<[string, 'Encrypt' | 'Get' | 'Create' | 'Register', () => Item[], () => Promise<unknown> | void]>([
  ['the key is revoked', 'Encrypt', encryption, revokeKey],
  ['its root key is disabled', 'Encrypt', encryption, disableRoot],
  ['the wrapping key is revoked', 'Get', wrapped, revokeKey],
  ['the root key is disabled', 'Get', () => [uid(got)], disableRoot],
  ['the root key is disabled', 'Create', () => aesKey(), disableRoot],
  ['the root key is disabled', 'Register', () => secretData(Buffer.from('a')), disableRoot],
])('when meanwhile %s, %s is refused', async (_, operation, payload, act) => {
  const before = house.events().length
  meanwhile(act)
  expect(await house.client.refused(operation, payload())).toBe('PermissionDenied')
  const events = house.events().slice(before)
  expect(events.at(-1)).toMatchObject({ outcome: 'failure', requestData: { operation } })
  expect(events.filter(({ requestData }) => requestData['operation'] === operation)).toHaveLength(1)
})

test('an object is not left in an adapter that is gone meanwhile', async () => {
  const { instance, id } = house.client.adapter
  meanwhile(() => void house.store.run('DELETE FROM kmip_adapters WHERE instance = ? AND id = ?', [instance, id]))
  const [answer] = await house.client.send([{ operation: 'Create', payload: aesKey() }])
  expect(answer?.reason).toBe('AuthenticationNotSuccessful')
  expect(house.store.all('SELECT id FROM kmip_objects')).toHaveLength(2)
})
