/** The roles on one key ring: they end with it, so that a later ring of the same id does not inherit them. */
import { alongside, type Alongside } from '../audit.ts'
import { Refusal } from '../errors.ts'
import type { Instance } from '../instances/instance.ts'
import type { Change, Reader } from '../store/store.ts'
import { factsOfGrant, grantColumns, type RoleGrant } from './role-grants.ts'

/** Roles that end with a ring, each with an event of its own. */
export const revokedAtOnceMax = 1_000

export interface RingGrants {
  /**
   * What takes back every role on a ring, with the events that tell so. Holds while the roles are those that were read.
   * @throws Refusal `QUOTA_EXCEEDED` when they are more than can be taken back at once
   */
  revoked(instance: Instance, ring: string): { changes: Change[]; alongside: Alongside[] }
}

const ofRing = `SELECT ${grantColumns('g')}, i.name AS identityName
  FROM role_grants g JOIN identities i ON i.id = g.identity
  WHERE g.scope_id = ? AND g.key_ring = ? AND g.key_ring <> '' AND g.scope = 'instance' LIMIT ?`

const revoke = `DELETE FROM role_grants WHERE scope_id = ? AND key_ring = ? AND key_ring <> '' AND scope = 'instance'`

/** `cname`: name of this service in cloud resource names. */
export function ringGrants(reader: Reader, cname: string): RingGrants {
  return {
    revoked({ guid }, ring) {
      const most = revokedAtOnceMax
      const found = reader.all<RoleGrant & { readonly identityName: string }>(ofRing, guid, ring, most + 1)
      if (found.length > most) {
        throw new Refusal('QUOTA_EXCEEDED', {
          message: 'More roles are granted on the key ring than end with it at once; take some of them back first.',
        })
      }
      return {
        // Also when there are none: one that is granted meanwhile sends the deletion back to its decision.
        changes: [{ sql: revoke, params: [guid, ring], rows: found.length }],
        alongside: found.map((grant) => revokedEvent(cname, grant, grant.identityName)),
      }
    },
  }
}

/** Each role shows in the trail as if it had been taken back by itself. */
function revokedEvent(cname: string, grant: RoleGrant, identityName: string): Alongside {
  return alongside('iam-access.role.revoke', { ...factsOfGrant(cname, grant, identityName), response: {} })
}
