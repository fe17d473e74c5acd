/** What is said of a refused KMIP request after it: its true cause, alone, with what to do. */
import { explain, familyExplanations } from '@keywitness/cadf'
import { beforeEach, expect, test } from 'vitest'
import { type ErrorCode, errors } from '../errors.ts'
import { type KmipHouse, openKmipHouse, peerOf } from './testing/kmip-house.ts'
import { aesKey, attribute, nameAttribute, uid, uidOf } from './testing/messages.ts'
import { selfSigned } from '../testing/self-signed.ts'
import { write, type WrittenItem } from './testing/written-messages.ts'
import { enumeration, text } from './ttlv/item.ts'
import { tags } from './ttlv/tags.ts'

let house: KmipHouse
beforeEach(async () => {
  house = await openKmipHouse()
})

const said = (): string[] => explain(house.lastEvent()).map(({ meaning }) => meaning)
const send = async (...items: WrittenItem[]): Promise<void> => {
  await house.client.raw(write({ items }))
}
const created = async (...more: Parameters<typeof aesKey>): Promise<string> =>
  uidOf(await house.client.ask('Create', aesKey(...more)))

/** What KMIP clients can meet besides what has a reason of its own. */
const others: readonly ErrorCode[] = ['UNIT_UNAVAILABLE', 'CONFLICT', 'KMIP_BATCH_UNDONE', 'KMIP_ROOT_KEY_GONE']
/** What no KMIP request is refused with: only the key management API opens what clients sent. */
const elsewhere: readonly string[] = ['UNPROCESSABLE_CIPHERTEXT_ERR']

test('whatever a KMIP client is refused for is explained in its own words', () => {
  const explained = new Set((familyExplanations.kmip ?? []).flatMap(({ when }) => when.refusals ?? []))
  const reached = Object.entries(errors).filter(([, spec]) => 'kmip' in spec)
  const codes = [...reached.map(([code]) => code), ...others].filter((code) => !elsewhere.includes(code))
  expect(codes.length).toBeGreaterThan(25)
  expect(codes.filter((code) => !explained.has(code) && code !== 'CONFLICT')).toEqual([])
})

test('each is explained by its own cause', async () => {
  const id = await created([
    nameAttribute('taken'),
    attribute('Activation Date', { tag: 0, type: 'DateTime', value: 0n }),
  ])
  const cases: readonly (readonly [() => Promise<void>, RegExp])[] = [
    [() => send({ operation: 'Get', payload: [uid('11111111-2222-4333-8444-555555555555')] }), /has no such object/],
    [() => send({ operation: 'Activate', payload: [uid(id)] }), /pre-active state/],
    [() => send({ operation: 'Destroy', payload: [uid(id)] }), /The key is active/],
    [() => send({ operation: 'Create', payload: aesKey([nameAttribute('taken')]) }), /has the name already/],
    [
      () => send({ operation: 'ModifyAttribute', payload: [uid(id), attribute('State', enumeration(0, 1))] }),
      /usage mask/,
    ],
    [() => send({ operation: 'Certify' }), /not served/],
    [() => send({ operation: 'Query', payload: [text(tags.NameValue, 'x')] }), /against the protocol/],
    [() => send({ operation: 'Get', payload: [uid(id), enumeration(tags.KeyFormatType, 4)] }), /form that the client/],
    [() => send({ operation: 'Locate', payload: [nameAttribute('nothing')] }), /No object of the adapter/],
  ]
  for (const [refuse, words] of cases) {
    await refuse()
    expect(said()).toEqual([expect.stringMatching(words)])
  }
  await house.kmip.service.answer(peerOf(selfSigned('nobody').cert), write({ items: [{ operation: 'Query' }] }))
  expect(said()).toEqual([expect.stringMatching(/No KMIP adapter has the certificate/)])
  house.forceState(house.client.adapter.crk, 2)
  await send({ operation: 'Get', payload: [uid(id)] })
  expect(said()).toEqual([expect.stringMatching(/root key of the adapter is disabled/)])
  house.forceState(house.client.adapter.crk, 1)
  house.unit.fault = 'TIMEOUT'
  await send({ operation: 'Get', payload: [uid(id)] })
  expect(said()).toEqual([expect.stringMatching(/No crypto unit/)])
})
