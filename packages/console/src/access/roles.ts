/** The roles there are, and on what each can be granted. */
import type { Scope } from '../api/types.ts'

/** On the account or a tracker. */
export const trackerRoles = ['Auditor', 'Officer', 'Administrator', 'Producer'] as const
/** On the account, an instance or a part of it. */
export const instanceRoles = [
  'Reader',
  'ReaderPlus',
  'Writer',
  'Manager',
  'KeyPurge',
  'CryptoUnitAdministrator',
  'CertificateAdministrator',
  'KmipAdapterManager',
  'KeyOperator',
  'KeystoreOperator',
  'CryptoOperator',
] as const
export const roles = [...trackerRoles, ...instanceRoles] as const
export type RoleName = (typeof roles)[number]

export const isTrackerRole = (role: RoleName): boolean => trackerRoles.some((name) => name === role)

/** `Crypto Unit Administrator`, as refusals name it. */
export const roleWords = (name: string): string => name.replaceAll(/(?<=[a-z])(?=[A-Z])/g, ' ')

/** Undefined for a role of another version of the server. */
export function roleNamed(name: string): RoleName | undefined {
  return roles.find((role) => role === name)
}

/** A scope that somebody chooses, as the value of a list. */
export function scopeValue({ kind, id = '', keyRing }: Scope): string {
  return [kind, id, ...(keyRing === undefined ? [] : [keyRing])].join(' ')
}

/** @param keyRing empty for the whole instance */
export function scopeOf(value: string, keyRing: string): Scope {
  const [kind, id = ''] = value.split(' ')
  if (kind === 'tracker') return { kind, id }
  if (kind !== 'instance') return { kind: 'account' }
  return keyRing === '' ? { kind, id } : { kind, id, keyRing }
}
