/** What is done to a key: one thing at a time; done only when the server has answered, and the key read anew then. */
import { useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import type { InventoryKey, KeysApi } from '../api/keys-api.ts'
import { type ApiError, asApiError } from '../api/problem.ts'
import type { ActName } from './key-acts.ts'
import { inventoryKey, openKeyKey } from './use-inventory.ts'

/** What is done, with what it needs besides the key. */
export type KeyDeed =
  | { readonly act: Exclude<ActName, 'approve' | 'delete' | 'addAlias' | 'move' | 'setRotation'> }
  | { readonly act: 'approve' | 'delete'; readonly force: boolean }
  | { readonly act: 'addAlias' | 'removeAlias'; readonly alias: string }
  | { readonly act: 'move'; readonly ring: string }
  /** Months; null for no rotation by policy. */
  | { readonly act: 'setRotation'; readonly months: number | null }

export interface KeyActing {
  readonly isBusy: boolean
  readonly error: ApiError | undefined
  /** What was done last, and to which key. */
  readonly done: { readonly act: KeyDeed['act']; readonly id: string } | undefined
  /** Whether it was done. */
  readonly run: (key: InventoryKey, deed: KeyDeed) => Promise<boolean>
  readonly forget: () => void
}

export function useKeyAct(api: KeysApi, guid: string): KeyActing {
  const queries = useQueryClient()
  const [state, setState] = useState<Pick<KeyActing, 'isBusy' | 'error' | 'done'>>(idle)
  const readAnew = async (id: string): Promise<void> => {
    await queries.invalidateQueries({ queryKey: ['key-life', id] })
    try {
      queries.setQueryData(openKeyKey(guid, id), await api.key(id))
    } catch {
      // It is done all the same; the list that follows shows it or says why it cannot.
    }
  }
  const readListAnew = (): void => void queries.invalidateQueries({ queryKey: inventoryKey(guid) })
  const readAllAnew = async (id: string): Promise<void> => {
    await readAnew(id)
    readListAnew()
  }
  return {
    ...state,
    async run(key, deed) {
      setState({ ...idle, isBusy: true })
      try {
        await perform(api, key.id, deed)
      } catch (cause) {
        const error = asApiError(cause)
        setState({ ...idle, error })
        // It may not be any more what is shown of it.
        if (error.kind === 'refused') void readAllAnew(key.id)
        return false
      }
      if (deed.act === 'purge') readListAnew()
      else await readAllAnew(key.id)
      setState({ ...idle, done: { act: deed.act, id: key.id } })
      return true
    },
    forget: () => setState((now) => ({ ...now, error: undefined })),
  }
}

const idle = { isBusy: false, error: undefined, done: undefined }

function perform(api: KeysApi, id: string, deed: KeyDeed): Promise<void> {
  switch (deed.act) {
    case 'rotate':
    case 'enable':
    case 'disable':
      return api.act(id, deed.act)
    case 'authorise':
      return api.act(id, 'setKeyForDeletion')
    case 'withdraw':
      return api.act(id, 'unsetKeyForDeletion')
    case 'approve':
    case 'delete':
      return api.remove(id, deed.force)
    case 'restore':
      return api.restore(id)
    case 'purge':
      return api.purge(id)
    case 'addAlias':
      return api.addAlias(id, deed.alias)
    case 'removeAlias':
      return api.removeAlias(id, deed.alias)
    case 'move':
      return api.move(id, deed.ring)
    case 'setRotation':
      return api.setRotation(id, deed.months)
    case 'requireTwo':
      return api.requireTwo(id)
  }
}
