/** A KMIP adapter for people: its root key by name and state, nothing as JSON. */
import type { Resource } from '../kms-api.ts'
import { type RootKey, rootKeyId, rootKeyText } from './root-key.ts'

/** @param root undefined where it was not asked about */
export function adapterText(adapter: Resource, root: RootKey | undefined): Resource {
  const members = Object.entries(adapter).flatMap(([name, value]): [string, unknown][] => {
    if (name !== 'profile_data') return [[name, value]]
    const state = root === undefined ? [] : [['root_key_state', rootKeyText(root)] as [string, unknown]]
    const title = root === undefined || root.name === '' ? [] : [['root_key_name', root.name] as [string, unknown]]
    return [['root_key', rootKeyId(adapter)], ...title, ...state]
  })
  return Object.fromEntries(members)
}
