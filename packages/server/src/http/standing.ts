/** What a call stands on besides its own subject: its caller's rights, and from where its instance takes calls. */
import { Refusal } from '../errors.ts'
import type { Condition, Reader } from '../store/store.ts'

/** As it was when a call was decided. */
export interface Standing {
  /** Revision of the instance's network policies; 0 when none was ever set, or when the call is about no instance. */
  readonly network: number
  /** That neither has changed when the call is recorded: nothing is numbered after what would have refused it. */
  readonly condition: Condition
}

/**
 * Reads it, before anything is decided: the caller's rights alone, or with the instance's network policies.
 * @throws Refusal `UNAUTHENTICATED` when the caller was deleted meanwhile
 */
export type ReadStanding = (caller: string, instance?: string) => Standing

const rightsNow = 'SELECT rights_revision AS rights FROM identities WHERE id = ?'
const sameRights = 'SELECT 1 FROM identities WHERE id = ? AND rights_revision = ?'
const bothNow = `SELECT i.rights_revision AS rights, n.network_revision AS network
  FROM identities i CROSS JOIN instances n WHERE i.id = ? AND n.guid = ?`
const bothSame = `SELECT 1 FROM identities i CROSS JOIN instances n
  WHERE i.id = ? AND i.rights_revision = ? AND n.guid = ? AND n.network_revision = ?`

export function readStanding(reader: Reader): ReadStanding {
  return (caller, instance) => {
    if (instance === undefined) {
      const { rights } = found(reader.remembered<{ rights: number }>(rightsNow, caller))
      return { network: 0, condition: { sql: sameRights, params: [caller, rights] } }
    }
    const { rights, network } = found(reader.remembered<{ rights: number; network: number }>(bothNow, caller, instance))
    return { network, condition: { sql: bothSame, params: [caller, rights, instance, network] } }
  }
}

function found<Row>(row: Row | undefined): Row {
  if (row === undefined) throw new Refusal('UNAUTHENTICATED')
  return row
}
