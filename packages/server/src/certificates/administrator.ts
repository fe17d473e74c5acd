/** Administrators of certificates as the API shows them. */
import { Type } from 'typebox'
import type { Identities } from '../iam/identities.ts'
import type { Instance } from '../instances/instance.ts'
import type { HolderRow } from './rows.ts'

export const AdministratorView = Type.Object({
  id: Type.String({ description: 'IAM id.' }),
  name: Type.Union([Type.String(), Type.Null()], { description: 'None: deleted.' }),
})

/** Somebody who left has no name any more. */
export function administratorOf(
  { administrator: id }: Pick<HolderRow, 'administrator'>,
  { account }: Instance,
  { identities }: { readonly identities: Pick<Identities, 'find'> },
): { id: string; name: string | null } {
  return { id, name: identities.find(account, id)?.name ?? null }
}
