/** Keys, parameters and mechanisms as their tests name them, and the vectors that they are held against. */
import type { KeyObject } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { keyTypes } from '../ep11/attributes.ts'
import { mechanisms, type MechanismName } from '../ep11/mechanisms.ts'
import type { MechanismParameter } from '../ep11/parameter.ts'
import type { AsymmetricKey } from '../ep11/usable-key.ts'

export const noParameter: MechanismParameter = { kind: 'none' }

export function asKey(type: keyof typeof keyTypes, key: KeyObject): AsymmetricKey {
  return { keyType: keyTypes[type], key }
}

/** The CKM_ value of a name without its prefix, as the vectors write it. */
export function ckm(name: string): number {
  return mechanisms[`CKM_${name}` as MechanismName].value
}

/** A file of vectors, by its path below their folder. */
export function vectors<Shape>(path: string): Shape {
  return JSON.parse(readFileSync(new URL(`../../../../vectors/${path}`, import.meta.url), 'utf8')) as Shape
}
