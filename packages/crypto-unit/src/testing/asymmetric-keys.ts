/** Keys as the mechanisms take them, and where what they refuse is looked at. */
import type { KeyObject } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { keyTypes } from '../ep11/attributes.ts'
import { Ep11Error } from '../ep11/ep11-error.ts'
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

/** The return value that a call is refused with. @throws Error when it is not refused, or in another form */
export function refusalOf(call: () => unknown): string {
  try {
    call()
  } catch (error) {
    if (error instanceof Ep11Error) return error.returnValue
    throw error
  }
  throw new Error('It was not refused.')
}

export async function asyncRefusalOf(call: Promise<unknown>): Promise<string> {
  const [outcome] = await Promise.allSettled([call])
  if (outcome.status === 'fulfilled') throw new Error('It was not refused.')
  return refusalOf(() => {
    throw outcome.reason
  })
}

/** A file of vectors, by its path below their folder. */
export function vectors<Shape>(path: string): Shape {
  return JSON.parse(readFileSync(new URL(`../../../../vectors/${path}`, import.meta.url), 'utf8')) as Shape
}
