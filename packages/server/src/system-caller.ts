/** The server itself as a caller: who starts epochs, steps clocks, runs timers and the first start. */
import type { Caller } from './caller.ts'

/** A fixed service identity (reference: kms-rest-api.md, appendix B 53). It has no credentials and no address. */
export function systemCaller(account: string, serviceName: string): Caller {
  return {
    id: 'iam-ServiceId-keywitness',
    name: serviceName,
    kind: 'serviceId',
    account,
    credential: 'none',
    isPrivate: true,
  }
}
