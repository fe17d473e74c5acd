/** What one's roles permitted when the server was asked last: by it the console offers what can be done. The server decides each call. */
import { useCallback } from 'react'
import type { Right } from '../api/types.ts'
import { useSession } from './session.tsx'

/** Where something is to be done. */
export interface RightPlace {
  readonly instance?: string
  readonly keyRing?: string
  /** Location. */
  readonly tracker?: string
}

/** Whether a permission holds at a place; where the server told no rights, nothing is held back. */
export function mayAt(rights: readonly Right[] | undefined, permission: string, place: RightPlace): boolean {
  if (rights === undefined) return true
  return rights.some(({ scope, can }) => can.includes(permission) && covers(scope, place))
}

function covers(scope: Right['scope'], { instance, keyRing, tracker }: RightPlace): boolean {
  if (scope.keystore !== undefined || scope.key !== undefined) return false
  if (scope.kind === 'account') return true
  if (scope.kind === 'tracker') return scope.id === tracker
  return scope.id === instance && (scope.keyRing === undefined || scope.keyRing === keyRing)
}

/** Asks about the rights of who is signed in. */
export function useRights(): (permission: string, place: RightPlace) => boolean {
  const { rights } = useSession()
  return useCallback((permission, place) => mayAt(rights, permission, place), [rights])
}
