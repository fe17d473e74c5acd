/** What time does to recoveries: without approval they lapse, approved ones are performed, by the service itself, once. */
import { randomUUID } from 'node:crypto'
import { reasonForRefusal } from '@keywitness/cadf'
import { alongside, type Audit, type Part, type Together } from '../../audit.ts'
import { errors, Refusal } from '../../errors.ts'
import { timestamp } from '../../http/schema.ts'
import type { Instance } from '../../instances/instance.ts'
import type { Instances } from '../../instances/instances.ts'
import { systemCaller, systemCircumstances } from '../../system-caller.ts'
import type { TimerJob } from '../../timers/timers.ts'
import { subjectOf } from '../authority.ts'
import { enforcementFacts } from '../enforcement.ts'
import type { RecoveryParts } from './parts.ts'
import { ended, endRecovery, type Recovery } from './recoveries.ts'
import { approvalFacts, keyFacts, recoveryRequest } from './recovery-facts.ts'
import { type Removal, removalOf } from './removal.ts'

export interface RecoveryJobParts extends Pick<
  RecoveryParts,
  'recoveries' | 'certificates' | 'accepted' | 'changed' | 'clock'
> {
  readonly audit: Pick<Audit, 'witnessAll'>
  readonly instances: Pick<Instances, 'find'>
  /** Name of the service as an initiator. */
  readonly serviceName: string
}

/** Recoveries of one run; what remains is asked for again at once. */
const atOnce = 20

/** Neither can be undone: what is removed is gone, and what lapsed must be proposed anew. */
export function recoveryJobs(parts: RecoveryJobParts): TimerJob[] {
  const { recoveries } = parts
  return [
    {
      name: 'recoveries that lapse',
      isFinal: true,
      nextDue: () => recoveries.toLapse(1)[0]?.expiresAt,
      run: async (now) => {
        for (const one of recoveries.toLapse(atOnce)) {
          if (one.expiresAt <= now)
            await settle(one, parts, (current, instance) => lapse(current, instance, parts, now))
        }
      },
    },
    {
      name: 'recoveries that are performed',
      isFinal: true,
      nextDue: () => recoveries.toPerform(1)[0]?.dueAt ?? undefined,
      run: async (now) => {
        for (const one of recoveries.toPerform(atOnce)) {
          if (one.dueAt !== null && one.dueAt <= now) {
            await settle(one, parts, (current, instance) => perform(current, instance, parts, now))
          }
        }
      },
    },
  ]
}

/** Decided again when somebody was quicker; what was withdrawn or approved meanwhile is not touched, and leaves no event. */
async function settle(
  one: Recovery,
  parts: RecoveryJobParts,
  decide: (current: Recovery, instance: Instance) => Omit<Together<undefined>, 'result'>,
): Promise<void> {
  const instance = parts.instances.find(one.instance)
  if (instance === undefined) throw new Error('certificates: a recovery without its instance')
  const circumstances = systemCircumstances(instance, parts.serviceName, randomUUID())
  try {
    await parts.audit.witnessAll(circumstances, () => {
      const current = parts.recoveries.find(one.instance, one.id)
      const isAsItWas = current !== undefined && current.state === one.state
      const nothing = { parts: [], changes: [], conditions: [] }
      return Promise.resolve({ result: undefined, ...(isAsItWas ? decide(current, instance) : nothing) })
    })
  } catch (error) {
    // Somebody was quicker each time: what is left is due again.
    if (!(error instanceof Refusal && error.code === 'CONFLICT')) throw error
  }
}

function lapse(recovery: Recovery, instance: Instance, parts: RecoveryJobParts, now: number) {
  const event = alongside('hs-crypto.mtlscert-recovery.lapse', {
    target: targetOf(instance),
    request: recoveryRequest(recovery),
    response: {
      proposedBy: recovery.proposedBy,
      ...keyFacts(recovery),
      expirationDate: timestamp(recovery.expiresAt),
    },
  })
  const lapsed = ended(recovery, 'lapsed', serviceId(instance, parts), now)
  return { parts: [{ ...event, code: 200 }], changes: [endRecovery(recovery, lapsed)], conditions: [] }
}

function perform(recovery: Recovery, instance: Instance, parts: RecoveryJobParts, now: number) {
  const removal = removalOf(recovery, parts)
  const by = serviceId(instance, parts)
  const { conditions } = removal
  if (!removal.isOfNow) {
    return {
      parts: [{ ...performance(recovery, instance, removal), code, failure }],
      changes: [endRecovery(recovery, ended(recovery, 'outdated', by, now))],
      conditions,
    }
  }
  return {
    parts: removedParts(recovery, instance, removal),
    changes: [endRecovery(recovery, ended(recovery, 'performed', by, now)), ...removal.changes],
    conditions,
    settled: () => {
      if (removal.certificates.length > 0) parts.changed(instance.guid)
    },
  }
}

const { status: code, message } = errors.PROPOSAL_OUTDATED
const failure = reasonForRefusal(message, 'PROPOSAL_OUTDATED')

/** The key first, then each certificate, then that the recovery is done. */
function removedParts(recovery: Recovery, instance: Instance, removal: Removal): Part[] {
  const target = targetOf(instance)
  const { id: recoveryId, administrator, proposedBy, approvedBy } = recovery
  const { key, certificates, total, generation, left } = removal
  const byRecovery = { recovery: true, recoveryId, administrator, proposedBy, approvedBy: approvedBy ?? undefined }
  const ofKey =
    key === undefined
      ? []
      : [
          alongside('hs-crypto.mtlscert-admin-key.delete', {
            target: { ...target },
            request: { accountId: administrator, keyId: key.keyId, ...byRecovery },
            response: { action: 'delete', orphanedCerts: left, ...enforcement(total, total, generation) },
          }),
        ]
  const ofCertificates = certificates.map(({ id, fingerprint, certificate }, gone) =>
    alongside('hs-crypto.mtlscert-cert.delete', {
      target: { ...target },
      request: { certificateId: id, fingerprint, subject: subjectOf(certificate), ...byRecovery },
      response: { action: 'delete', ...enforcement(total - gone, total - gone - 1, generation + gone + 1) },
    }),
  )
  const events = [...ofKey, ...ofCertificates, performance(recovery, instance, removal)]
  return events.map((event) => ({ ...event, code: 200 }))
}

function performance(recovery: Recovery, instance: Instance, removal: Removal) {
  const gone = removal.isOfNow ? removal.certificates.length : 0
  const { total, generation } = removal
  return alongside('hs-crypto.mtlscert-recovery.perform', {
    target: targetOf(instance),
    request: recoveryRequest(recovery),
    response: {
      ...approvalFacts(recovery),
      ...keyFacts(recovery),
      certificates: gone,
      ...enforcement(total, total - gone, generation + gone),
    },
  })
}

/** By the numbers of certificates; each that goes is a state of its own. */
function enforcement(before: number, after: number, generation: number) {
  return enforcementFacts(before > 0, { mtlsEnabled: after > 0, generation })
}

function targetOf({ crn, name }: Instance): { id: string; name: string } {
  return { id: crn, name }
}

function serviceId({ account }: Instance, { serviceName }: RecoveryJobParts): string {
  return systemCaller(account, serviceName).id
}
