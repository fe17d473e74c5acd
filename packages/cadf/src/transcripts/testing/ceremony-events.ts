/** Events of a ceremony, for tests of what is told of them. */
import { buildEvent } from '../../build.ts'
import type { ActionName } from '../../catalogue.ts'
import type { ActivityEvent, EventFacts } from '../../event.ts'
import type { ProvedEvent } from '../ceremony.ts'

export const ana = 'a1'.repeat(32)
export const ben = 'b2'.repeat(32)
export const pattern = 'c3'.repeat(32)
const crn = 'crn:v1:keywitness:public:hs-crypto:us-south:a/1:2'

let index = 0
/** An event of a crypto unit, with the next place of the log. */
export function happened<A extends ActionName>(
  action: A,
  unit: string,
  facts: Partial<Pick<EventFacts<A>, 'request' | 'response' | 'outcome' | 'reason'>> = {},
  sender = 'Operator',
): ProvedEvent {
  index += 1
  const location = `[us-south].[${unit}].[00].[00]`
  const event: ActivityEvent = buildEvent(
    {
      action,
      outcome: facts.outcome ?? 'success',
      reason: facts.reason ?? { code: 200 },
      initiator: {
        id: 'KWid-1',
        name: sender,
        typeURI: 'service/security/account/user',
        credential: { type: 'token' },
      },
      target: { id: `${crn}:tke-cryptounit:${unit}`, name: location },
      logSourceCRN: `${crn}::`,
      request: Object.assign({}, facts.request, { location }),
      response: facts.response,
    },
    {
      id: `01a21744-0000-7000-8000-${String(index).padStart(12, '0')}`,
      time: 1_795_686_670_000,
      serviceName: 'Keywitness',
    },
  )
  return { index, leafHash: 'bGVhZg==', event }
}

/** A whole ceremony of one unit: two administrators, and a master key of two parts. */
export function ceremony(unit: string): ProvedEvent[] {
  return [
    happened('hs-crypto.tke-cryptounit.reset', unit, { response: { unitRevision: 1 } }),
    happened('hs-crypto.tke-cryptounit-admin.add', unit, {
      request: { adminId: ana, adminName: 'Ana' },
      response: { adminIds: [ana], unitRevision: 2 },
    }),
    happened('hs-crypto.tke-cryptounit-admin.add', unit, {
      request: { adminId: ben, adminName: 'Ben' },
      response: { adminIds: [ana, ben], unitRevision: 3 },
    }),
    happened('hs-crypto.tke-cryptounit-threshold.set', unit, {
      request: { signerIds: [ana, ben], signatureThreshold: 2, revocationSignatureThreshold: 2 },
      response: {
        signatureThreshold: 2,
        revocationSignatureThreshold: 2,
        'initialValue.signatureThreshold': 0,
        'initialValue.revocationSignatureThreshold': 0,
        unitRevision: 4,
      },
    }),
    happened('hs-crypto.tke-cryptounit-master-key-register.add', unit, {
      request: { signerIds: [ana, ben], masterKeyIds: ['11'.repeat(32), '22'.repeat(32)] },
      response: { verificationPattern: pattern, unitRevision: 5 },
    }),
    happened('hs-crypto.tke-cryptounit-master-key-register.commit', unit, {
      request: { signerIds: [ana, ben], verificationPattern: pattern },
      response: { masterKeyIds: ['11'.repeat(32), '22'.repeat(32)], unitRevision: 6 },
    }),
    happened('hs-crypto.tke-cryptounit-master-key-register.activate', unit, {
      request: { signerIds: [ana], verificationPattern: pattern },
      response: { verificationPattern: pattern, unitRevision: 7 },
    }),
  ]
}
