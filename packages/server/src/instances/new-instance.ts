/** A new service instance: its facts, and what else must exist with it. */
import type { Change } from '../store/store.ts'
import { type Instance, instanceCrn } from './instance.ts'

/** What a new instance needs besides its row: its crypto units' first states. */
export type PrepareInstance = (
  instance: Instance,
) => Promise<{ readonly changes: readonly Change[]; readonly settled?: () => void }>

/** Without a resource group it is in its account's own. */
export function newInstance(
  cname: string,
  account: string,
  guid: string,
  createdAt: number,
  wish: { readonly name: string; readonly location: string; readonly resourceGroup?: string },
): Instance {
  const { name, location, resourceGroup = account } = wish
  return { guid, name, account, location, resourceGroup, crn: instanceCrn(cname, location, account, guid), createdAt }
}
