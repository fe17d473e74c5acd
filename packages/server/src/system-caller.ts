/** The server itself as a caller: who starts epochs, steps clocks, runs timers and the first start. */
import type { Circumstances } from './audit.ts'
import type { Caller } from './caller.ts'
import type { Instance } from './instances/instance.ts'

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

/** Where what the server does by itself to an instance, or to something in it, is recorded. */
export function systemCircumstances(instance: Instance, serviceName: string, correlationId?: string): Circumstances {
  return {
    caller: systemCaller(instance.account, serviceName),
    destination: { account: instance.account, location: instance.location },
    logSourceCRN: instance.crn,
    ...(correlationId === undefined ? {} : { correlationId }),
    instanceID: instance.guid,
  }
}
