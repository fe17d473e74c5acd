/** A plain model of keys: what each step answers, by the reference alone (kms-rest-api.md, sections 7.1, 7.2 and 8.1). */
import * as fc from 'fast-check'

export const hour = 3_600_000
/** Versions per key in the model's world. */
export const versionsMax = 4

export type Step =
  | { readonly do: 'create'; readonly isRoot: boolean; readonly isImported: boolean; readonly expires: boolean }
  | { readonly do: 'force'; readonly key: number; readonly state: number }
  | { readonly do: 'wait'; readonly hours: number }
  | KeyStep

/** A step on one key. `which` chooses among its ciphertexts. */
export type KeyStep =
  | { readonly do: 'wrap' | 'delete' | 'read' | 'versions'; readonly key: number }
  | { readonly do: 'unwrap' | 'rewrap'; readonly key: number; readonly which: number }
  | { readonly do: 'rotate'; readonly key: number; readonly withMaterial: boolean }

const key = fc.nat(5)
export const steps = fc.oneof(
  fc.record({ do: fc.constant('create'), isRoot: fc.boolean(), isImported: fc.boolean(), expires: fc.boolean() }),
  fc.record({ do: fc.constantFrom('wrap', 'wrap', 'delete', 'read', 'versions'), key }),
  fc.record({ do: fc.constantFrom('unwrap', 'rewrap'), key, which: fc.nat(9) }),
  fc.record({ do: fc.constant('rotate'), key, withMaterial: fc.boolean() }),
  fc.record({ do: fc.constant('force'), key, state: fc.constantFrom(0, 1, 1, 2, 3) }),
  fc.record({ do: fc.constant('wait'), hours: fc.constantFrom(0.5, 1, 3) }),
) as fc.Arbitrary<Step>

export class KeyModel {
  readonly id: string
  readonly isRoot: boolean
  readonly isImported: boolean
  readonly expiresAt: number | undefined
  state = 1
  versions = 1
  rotatedAt: number | undefined
  /** Version number of each ciphertext made so far. */
  readonly ciphertexts: number[] = []

  constructor(id: string, made: Step & { do: 'create' }, expiresAt: number | undefined) {
    this.id = id
    this.isRoot = made.isRoot
    this.isImported = made.isImported
    this.expiresAt = expiresAt
  }

  /** The answer to a step; the model moves with it. */
  answer(step: KeyStep, now: number): string {
    const refusal = this.#refusal(step, now)
    if (refusal !== undefined) return refusal
    switch (step.do) {
      case 'read':
        return this.isRoot || this.state === 5 ? 'done' : 'done with payload'
      case 'delete':
        this.state = 5
        return 'done'
      case 'versions':
        return `done with ${this.versions}`
      case 'rotate':
        this.versions += 1
        this.rotatedAt = now
        return 'done'
      case 'wrap':
        this.ciphertexts.push(this.versions)
        return 'done'
      case 'unwrap':
        return this.#chosen(step.which) === this.versions ? 'done' : 'done, renewed'
      case 'rewrap':
        this.ciphertexts.push(this.versions)
        return 'done'
    }
  }

  #chosen(which: number): number | undefined {
    return this.ciphertexts[which % Math.max(1, this.ciphertexts.length)]
  }

  #refusal(step: KeyStep, now: number): string | undefined {
    if (step.do === 'read') return undefined
    if (step.do === 'delete') return this.#demand([1, 2, 3], now)
    if (!this.isRoot) return 'KEY_ROOT_REQ_ERR'
    if (step.do === 'unwrap' || step.do === 'rewrap') {
      const isUnknown = this.#chosen(step.which) === undefined
      return this.#demand([1, 3], now) ?? (isUnknown ? 'UNPROCESSABLE_CIPHERTEXT_ERR' : undefined)
    }
    const byState = this.#demand([1], now)
    if (step.do !== 'rotate' || byState !== undefined) return byState
    if (this.isImported && !step.withMaterial) return 'KEY_PAYLOAD_REQ_ERR'
    if (!this.isImported && step.withMaterial) return 'INVALID_QUERY_PARAM_ERR'
    if (this.rotatedAt !== undefined && now - this.rotatedAt < hour) return 'KEY_ROTATION_NOT_PERMITTED'
    return this.versions >= versionsMax ? 'QUOTA_EXCEEDED' : undefined
  }

  #demand(states: readonly number[], now: number): string | undefined {
    const isExpired = this.expiresAt !== undefined && this.expiresAt <= now
    const state = this.state === 1 && isExpired ? 3 : this.state
    if (states.includes(state)) return undefined
    return state === 5 ? 'KEY_DELETED_ERR' : 'KEY_ACTION_INVALID_STATE_ERR'
  }
}
