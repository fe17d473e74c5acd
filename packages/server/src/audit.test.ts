/** The audit door: which status its events carry. */
import { expect, test } from 'vitest'
import { Refusal } from './errors.ts'
import { openAuditHouse } from './testing/audit-house.ts'
import { systemCaller } from './system-caller.ts'

const account = 'a'.repeat(32)
const crn = `crn:v1:keywitness:public:hs-crypto:us-south:a/${account}:::`
const circumstances = {
  caller: systemCaller(account, 'Keywitness'),
  destination: { account, location: 'us-south' },
  logSourceCRN: crn,
}

test.each([
  [undefined, 204, 'No Content'],
  [true, 200, 'OK'],
] as const)('with 200 for successes %s, an event carries %i', async (succeedsWith200, reasonCode, reasonType) => {
  const { audit, events, close } = openAuditHouse(succeedsWith200 === undefined ? {} : { succeedsWith200 })
  const target = { id: crn, name: 'billing' }
  const done = await audit.witness('hs-crypto.secrets.enable', circumstances, target, () => ({ result: 0, code: 204 }))
  expect(done.code).toBe(204)
  expect(events().at(-1)).toMatchObject({ outcome: 'success', reason: { reasonCode, reasonType } })
  const refused = audit.witness('hs-crypto.secrets.enable', circumstances, target, () => {
    throw new Refusal('CONFLICT')
  })
  await expect(refused).rejects.toThrow('changed at the same time')
  expect(events().at(-1)).toMatchObject({ outcome: 'failure', reason: { reasonCode: 409 } })
  close()
})
