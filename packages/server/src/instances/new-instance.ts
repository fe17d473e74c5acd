/** A new service instance: its facts, and what else must exist with it. */
import type { Change } from '../store/store.ts'
import { type Instance, instanceCrn } from './instance.ts'

/** How many crypto units an instance has, each operational one in an availability zone of its own. */
export interface UnitCounts {
  /** 2 or 3. */
  readonly operational: number
  /** 1 or 2: they keep a copy of the master key and never work. */
  readonly recovery: number
}

/** What a new instance needs besides its row: its crypto units, as many as it is to have. */
export type PrepareInstance = (
  instance: Instance,
  counts?: UnitCounts,
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
