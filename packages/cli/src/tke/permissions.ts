/** Attribute 3 of a unit: what this command line sets there, and how people read it. */
import { permissions } from '@keywitness/crypto-unit/tke/attributes'
import type { Danger } from './consent.ts'
import type { UnitKind } from './tke-api.ts'

const words: readonly (readonly [number, string])[] = [
  [permissions.IMPORT, 'import'],
  [permissions.EXPORT, 'EXPORT'],
  [permissions.RANDOM, 'MAKE RANDOM KEYS'],
  [permissions.ONE_PART, 'keys of one part'],
  [permissions.THRESHOLD_ONE, 'thresholds of one'],
  [permissions.ONE_SIGNATURE_CONTROL_POINTS, 'CONTROL POINTS BY ONE SIGNATURE'],
  [permissions.ONE_SIGNATURE_ZEROIZE, 'zeroize by one signature'],
  [permissions.DO_NOT_DISTURB, 'nothing by administrators of the module'],
]

/** The low half that this command line sets, and what may stand in the high half, which says what can change. */
const usual = permissions.IMPORT | permissions.ONE_PART | permissions.THRESHOLD_ONE | permissions.ONE_SIGNATURE_ZEROIZE
const changeable = (0x01ff_0000 | permissions.CHANGE_DO_NOT_DISTURB) >>> 0
const recoveryAlone = permissions.EXPORT | permissions.RANDOM

/**
 * As the public client writes them when it sets thresholds (TKE reference, section 3.3): importing in one part and
 * zeroizing with one signature allowed; exporting and random keys only where a unit keeps the backup.
 */
export function permissionsFor(kind: UnitKind, before: number): number {
  let bits = before | permissions.ONE_SIGNATURE_ZEROIZE | permissions.IMPORT | permissions.ONE_PART
  if (kind === 'recovery') {
    bits |= recoveryAlone | permissions.DO_NOT_DISTURB
    return (bits & ~permissions.CHANGE_DO_NOT_DISTURB) >>> 0
  }
  bits &= ~permissions.EXPORT
  if ((bits & permissions.CHANGE_DO_NOT_DISTURB) !== 0) {
    bits = (bits | permissions.DO_NOT_DISTURB) & ~permissions.CHANGE_DO_NOT_DISTURB
  }
  return bits >>> 0
}

export function permissionBits(bits: number): string {
  return `0x${bits.toString(16).padStart(8, '0')}`
}

/** What a unit may do, in words; in capitals what not every unit should. */
export function permissionWords(bits: number): string {
  const named = words.flatMap(([bit, word]) => ((bits & bit) === 0 ? [] : [word]))
  return named.length === 0 ? 'nothing that is known here' : named.join(', ')
}

export function permissionText(bits: number): string {
  return `${permissionBits(bits)}: ${permissionWords(bits)}`
}

/** What is to be agreed to before these permissions are signed for a unit that the server lists as of this kind. */
export function permissionDangers(kind: UnitKind, isImprint: boolean, before: number, next: number): Danger[] {
  const own = usual | permissions.DO_NOT_DISTURB | changeable | (kind === 'recovery' ? recoveryAlone : 0)
  const foreign = (next & ~own) >>> 0
  const isWidened = !isImprint && (next & ~before & recoveryAlone) !== 0
  return [
    ...(foreign === 0
      ? []
      : [
          {
            name: 'unusual-permissions',
            words: `the unit keeps permissions that are not set from here (${permissionText(foreign)})`,
          },
        ]),
    ...(isWidened
      ? [
          {
            name: 'may-export-keys',
            words:
              'a unit that was administered without them gets the permissions to make and export master keys, because ' +
              'the server lists it as a recovery unit',
          },
        ]
      : []),
  ]
}
