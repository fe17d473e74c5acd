/** What a firing is about, as people are told: by names where there are any. */
import { buildEvent, entryBytes, initiatorTypes, type Initiator } from '@keywitness/cadf'
import { rulePack, type Rule } from '@keywitness/tracker/alerts'
import type { TrackerReader } from '@keywitness/tracker'
import { expect, test } from 'vitest'
import { titleOf } from '../raising/alert-text.ts'
import { firedOf } from './evidence.ts'
import { logStart } from '../testing/entry-log.ts'

const instance = '1f6f5a0c-5d6e-4a55-9a0b-0f3c1d2e4b5a'
const log = `crn:v1:keywitness:public:hs-crypto:us-south:a/${'a'.repeat(32)}:${instance}::`
const client = (name: string): Initiator => ({
  id: `CertificateID-${'4f'.repeat(32)}`,
  name,
  typeURI: initiatorTypes.certificate,
  credential: { type: 'certificate' },
  host: {},
})

/** The title of an alert of a shipped rule about one event. */
function titleAbout(id: string, action: 'hs-crypto.kmip-key.destroy' | 'hs-crypto.kmip-key.default', who: Initiator) {
  const rule = rulePack.find((one) => one.rule.id === id)?.rule as Rule
  const isRefused = action === 'hs-crypto.kmip-key.default'
  const event = buildEvent(
    {
      action,
      outcome: isRefused ? 'failure' : 'success',
      reason: { code: isRefused ? 401 : 200 },
      initiator: who,
      target: { id: log, name: 'first instance' },
      logSourceCRN: log,
      instanceID: instance,
    },
    { id: '01a21436-d2c6-729e-8c28-7a164460004e', time: logStart, serviceName: 'Keywitness' },
  )
  const bytes = entryBytes(event, { id: '6f0e2d1c-0b0a-4908-8706-050403020100', epoch: 1 }, 1)
  const reader = { range: () => [{ index: 0, bytes }] } as unknown as TrackerReader
  const values: Readonly<Record<string, string>> = { instance, 'initiator.id': who.id }
  const group = rule.groupBy.map((field) => values[field] ?? '')
  const firing = { rule: id, group, at: logStart, trigger: 0, events: [0], count: 1, facts: {} }
  const live = { rule, version: 1, liveFrom: 0, joined: true }
  return titleOf(rule, firedOf({ live, firing, triggers: [0] }, reader, [], logStart))
}

test('an alert about a KMIP key is called by who did it, without the id of its instance', () => {
  expect(titleAbout('kmip-key-destroyed', 'hs-crypto.kmip-key.destroy', client('solo'))).toBe(
    'solo revoked or destroyed a KMIP key',
  )
})

test('an alert about a certificate that nobody knows is not called by 64 digits', () => {
  expect(titleAbout('kmip-client-unknown', 'hs-crypto.kmip-key.default', client('unknown'))).toBe(
    'A client was turned away from KMIP',
  )
})
