/** Recoveries as the API shows them, with what they do in words. */
import { Type } from 'typebox'
import { timestamp, Timestamp } from '../../http/schema.ts'
import type { Instance } from '../../instances/instance.ts'
import { administratorOf, AdministratorView } from '../administrator.ts'
import type { ListedRecoveries } from './list.ts'
import type { RecoveryParts } from './parts.ts'
import type { Recovery } from './recoveries.ts'
import { type Removal, removalOf } from './removal.ts'

const Nullable = <T extends ReturnType<typeof Type.String>>(type: T) => Type.Union([type, Type.Null()])

const Person = Type.Object({ id: Type.String(), name: Type.String() })

export const RecoveryView = Type.Object({
  id: Type.String(),
  administrator: AdministratorView,
  removes: Type.String(),
  keyId: Nullable(Type.String({ description: 'SHA-256 of the key it is about, hexadecimal.' })),
  says: Type.String({ description: 'What it does, or did; of one that is under way, as things are now.' }),
  state: Type.String({ description: '`open`, `approved`, `withdrawn`, `lapsed`, `performed` or `outdated`.' }),
  proposedBy: Person,
  proposedAt: Timestamp,
  expiresAt: Type.String({ format: 'date-time', description: 'Until when it can be approved.' }),
  approvedBy: Type.Union([Person, Type.Null()]),
  approvedAt: Nullable(Timestamp),
  dueAt: Nullable(Type.String({ format: 'date-time', description: 'When it is performed.' })),
  endedBy: Nullable(Type.String()),
  endedAt: Nullable(Timestamp),
})

const HolderView = Type.Object({
  administrator: AdministratorView,
  keyId: Nullable(Type.String({ description: 'SHA-256 of the signature key, hexadecimal.' })),
  certificates: Type.Integer(),
})

export const RecoveriesView = Type.Object({
  recoveries: Type.Array(RecoveryView),
  administrators: Type.Array(HolderView, { description: 'Who has a key or certificates of the instance.' }),
  mtlsEnabled: Type.Boolean(),
  generation: Type.Integer(),
  waitingHours: Type.Integer({ description: 'From an approval until it is performed.' }),
})

export function recoveryResource(recovery: Recovery, instance: Instance, parts: RecoveryParts): object {
  const { id, removes, keyId, state, proposedBy, proposedByName, approvedBy, approvedByName, endedBy } = recovery
  return {
    id,
    administrator: administratorOf(recovery, instance, parts),
    removes,
    keyId,
    says: saysOf(recovery, instance, parts),
    state,
    proposedBy: { id: proposedBy, name: proposedByName },
    proposedAt: timestamp(recovery.proposedAt),
    expiresAt: timestamp(recovery.expiresAt),
    approvedBy: approvedBy === null ? null : { id: approvedBy, name: approvedByName },
    approvedAt: whenOf(recovery.approvedAt),
    dueAt: whenOf(recovery.dueAt),
    endedBy,
    endedAt: whenOf(recovery.endedAt),
  }
}

export function recoveriesResource(
  { recoveries, holders, mtlsEnabled, generation }: ListedRecoveries,
  instance: Instance,
  parts: RecoveryParts,
): object {
  return {
    recoveries: recoveries.map((recovery) => recoveryResource(recovery, instance, parts)),
    administrators: holders.map(({ keyId, certificates, ...holder }) => ({
      administrator: administratorOf(holder, instance, parts),
      keyId,
      certificates,
    })),
    mtlsEnabled,
    generation,
    waitingHours: parts.waitMs / 3_600_000,
  }
}

function whenOf(milliseconds: number | null): string | null {
  return milliseconds === null ? null : timestamp(milliseconds)
}

function saysOf(recovery: Recovery, instance: Instance, parts: RecoveryParts): string {
  const { id, name } = administratorOf(recovery, instance, parts)
  const who = name === null ? id : `${name} (${id})`
  if (recovery.state !== 'open' && recovery.state !== 'approved') {
    const certificates = recovery.removes === 'admin-key' ? '' : ' and all certificates'
    return `The signature key${certificates} of ${who}.`
  }
  const removal = removalOf(recovery, parts)
  if (!removal.isOfNow) return `Nothing: ${who} has another key than the one it is about, or nothing to remove.`
  return `${removedText(removal, who)} ${consequenceText(removal)}`
}

function removedText({ key, certificates }: Removal, who: string): string {
  const things = [...(key === undefined ? [] : ['the signature key']), ...countText(certificates.length)]
  return `Deletes ${things.join(' and ')} of ${who}.`
}

function consequenceText({ certificates, left, total }: Removal): string {
  if (certificates.length > 0) {
    return total > certificates.length
      ? 'Clients of EP11 with certificates of these authorities are cut off; the others still need a certificate.'
      : 'No certificate is left then: clients of EP11 need none any more.'
  }
  const frozen = countText(left).map(
    (what) => ` Until then nobody can change ${what}, which stay${left === 1 ? 's' : ''} in force.`,
  )
  return `The administrator can make a new key afterwards.${frozen.join('')}`
}

function countText(count: number): string[] {
  return count === 0 ? [] : [count === 1 ? 'the one certificate' : `the ${count} certificates`]
}
