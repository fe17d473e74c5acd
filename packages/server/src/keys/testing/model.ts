/** A plain model of keys: what each step answers, by the reference alone (kms-rest-api.md, sections 7.1, 7.2, 8.1 to 8.4). */
import * as fc from 'fast-check'

export const hour = 3_600_000
/** Versions per key in the model's world. */
export const versionsMax = 4

export type Step =
  | {
      readonly do: 'create'
      readonly isRoot: boolean
      readonly isImported: boolean
      readonly expires: boolean
      /** Two people must agree to its deletion. */
      readonly needsTwo: boolean
    }
  | { readonly do: 'force'; readonly key: number; readonly state: number }
  /** Also backwards. */
  | { readonly do: 'wait'; readonly hours: number }
  /** The timers look. */
  | { readonly do: 'look' }
  | KeyStep

/** A step on one key. `which` chooses among its ciphertexts, `by` between two people. */
export type KeyStep =
  | { readonly do: 'wrap' | 'read' | 'versions' | PlainStep; readonly key: number }
  | { readonly do: 'unwrap' | 'rewrap'; readonly key: number; readonly which: number }
  | { readonly do: 'rotate'; readonly key: number; readonly withMaterial: boolean }
  | { readonly do: 'delete' | 'set' | 'unset'; readonly key: number; readonly by: number }

/** Steps that are told by their name alone. */
export type PlainStep = 'enable' | 'disable' | 'restore' | 'purge' | 'sync'

const key = fc.nat(4)
export const steps = fc.oneof(
  fc.record({
    do: fc.constant('create'),
    isRoot: fc.boolean(),
    isImported: fc.boolean(),
    expires: fc.boolean(),
    needsTwo: fc.boolean(),
  }),
  fc.record({ do: fc.constantFrom('wrap', 'wrap', 'read', 'versions'), key }),
  fc.record({ do: fc.constantFrom('enable', 'disable', 'restore', 'restore', 'purge', 'sync'), key }),
  fc.record({ do: fc.constantFrom('delete', 'delete', 'set', 'unset'), key, by: fc.nat(1) }),
  fc.record({ do: fc.constantFrom('unwrap', 'rewrap'), key, which: fc.nat(9) }),
  fc.record({ do: fc.constant('rotate'), key, withMaterial: fc.boolean() }),
  fc.record({ do: fc.constant('force'), key, state: fc.constantFrom(0, 1, 3) }),
  fc.record({ do: fc.constant('wait'), hours: fc.constantFrom(0.005, 0.01, 0.5, 1, 3, 24 * 8, 24 * 31, 24 * 61, -2) }),
  fc.record({ do: fc.constant('look') }),
) as fc.Arbitrary<Step>

export class KeyModel {
  readonly id: string
  readonly isRoot: boolean
  readonly isImported: boolean
  readonly needsTwo: boolean
  readonly expiresAt: number | undefined
  /** Undefined once purged. */
  state: number | undefined = 1
  versions = 1
  rotatedAt: number | undefined
  /** The last rotation, enabling, disabling, deletion or restoring. */
  actedAt: number | undefined
  syncedAt: number | undefined
  deleted: { readonly at: number; readonly from: number } | undefined
  authorised: { readonly by: number; readonly until: number } | undefined
  /** Version number of each ciphertext made so far. */
  readonly ciphertexts: number[] = []

  constructor(id: string, made: Step & { do: 'create' }, expiresAt: number | undefined) {
    this.id = id
    this.isRoot = made.isRoot
    this.isImported = made.isImported
    this.needsTwo = made.needsTwo
    this.expiresAt = expiresAt
  }

  /** The answer to a step; the model moves with it. */
  answer(step: KeyStep, now: number): string {
    const refusal = this.#refusal(step, now)
    if (refusal !== undefined) return refusal
    switch (step.do) {
      case 'read':
        return this.isRoot || this.state === 5 ? 'done' : 'done with payload'
      case 'versions':
        return `done with ${this.versions}`
      case 'unwrap':
        return this.#chosen(step.which) === this.versions ? 'done' : 'done, renewed'
      default:
        this.#move(step, now)
        return 'done'
    }
  }

  /** What the timers do to the key when they look. */
  fallsDue(now: number): string[] {
    const done: string[] = []
    if (this.state === 1 && this.#isExpired(now)) {
      this.state = 3
      done.push('hs-crypto.secrets.expire')
    }
    if (this.authorised !== undefined && this.authorised.until <= now) {
      this.authorised = undefined
      done.push('hs-crypto.secrets.unsetkeyfordeletion')
    }
    if (this.state === 5 && this.deleted !== undefined && this.deleted.at + 90 * 24 * hour <= now) {
      this.state = undefined
      done.push('hs-crypto.secrets.purge')
    }
    return done
  }

  #move(step: KeyStep, now: number): void {
    if (['delete', 'restore', 'rotate', 'enable', 'disable'].includes(step.do)) this.actedAt = now
    switch (step.do) {
      case 'delete':
        this.deleted = { at: now, from: this.#stateAt(now) }
        this.authorised = undefined
        this.state = 5
        break
      case 'restore':
        this.state = 1
        this.deleted = undefined
        break
      case 'purge':
        this.state = undefined
        break
      case 'enable':
        this.state = 1
        break
      case 'disable':
        this.state = 2
        break
      case 'sync':
        this.syncedAt = now
        break
      case 'set':
        this.authorised = { by: step.by, until: now + 7 * 24 * hour }
        break
      case 'unset':
        this.authorised = undefined
        break
      case 'rotate':
        this.versions += 1
        this.rotatedAt = now
        break
      default:
        // Wrapping and rewrapping.
        this.ciphertexts.push(this.versions)
    }
  }

  #chosen(which: number): number | undefined {
    return this.ciphertexts[which % Math.max(1, this.ciphertexts.length)]
  }

  #refusal(step: KeyStep, now: number): string | undefined {
    if (this.state === undefined) return 'KEY_NOT_FOUND_ERR'
    switch (step.do) {
      case 'read':
        return undefined
      case 'delete':
        return this.#demand([1, 2, 3], now) ?? this.#twoAgreed(step.by, now)
      case 'set':
      case 'unset':
        return this.#demand([1, 2, 3], now) ?? (this.needsTwo ? undefined : 'NOT_DUAL_AUTH_ERR')
      case 'restore':
        return this.#demand([5], now) ?? this.#notRestorable(now)
      case 'purge': {
        const isEarly = this.deleted !== undefined && now < this.deleted.at + 4 * hour
        return this.#demand([5], now) ?? (isEarly ? 'REQ_TOO_EARLY_ERR' : undefined)
      }
      case 'sync': {
        const isEarly = within(hour, this.actedAt, now) || within(hour, this.syncedAt, now)
        return isEarly ? 'REQ_TOO_EARLY_ERR' : this.#demand([1, 2, 3, 5], now)
      }
      default:
        return this.isRoot ? this.#rootRefusal(step, now) : 'KEY_ROOT_REQ_ERR'
    }
  }

  #rootRefusal(step: KeyStep, now: number): string | undefined {
    if (step.do === 'unwrap' || step.do === 'rewrap') {
      const isUnknown = this.#chosen(step.which) === undefined
      return this.#demand([1, 3], now) ?? (isUnknown ? 'UNPROCESSABLE_CIPHERTEXT_ERR' : undefined)
    }
    if (step.do === 'enable') {
      const isEarly = within(30_000, this.actedAt, now)
      return this.#demand([2], now) ?? (isEarly ? 'REQ_TOO_EARLY_ERR' : undefined)
    }
    const byState = this.#demand([1], now)
    if (step.do !== 'rotate' || byState !== undefined) return byState
    if (this.isImported && !step.withMaterial) return 'KEY_PAYLOAD_REQ_ERR'
    if (!this.isImported && step.withMaterial) return 'INVALID_QUERY_PARAM_ERR'
    if (within(hour, this.rotatedAt, now)) return 'KEY_ROTATION_NOT_PERMITTED'
    return this.versions >= versionsMax ? 'QUOTA_EXCEEDED' : undefined
  }

  #twoAgreed(by: number, now: number): string | undefined {
    if (!this.needsTwo) return undefined
    const isAgreed = this.authorised !== undefined && this.authorised.until > now && this.authorised.by !== by
    return isAgreed ? undefined : 'AUTHORIZATIONS_NOT_MET'
  }

  #notRestorable(now: number): string | undefined {
    const { at, from } = this.deleted ?? { at: now, from: 1 }
    if (within(30_000, at, now)) return 'REQ_TOO_EARLY_ERR'
    if (from === 3 || this.#isExpired(now)) return 'KEY_EXPIRED_ERR'
    return now > at + 30 * 24 * hour ? 'KEY_RESTORE_EXPIRED' : undefined
  }

  #isExpired(now: number): boolean {
    return this.expiresAt !== undefined && this.expiresAt <= now
  }

  #stateAt(now: number): number {
    return this.state === 1 && this.#isExpired(now) ? 3 : (this.state ?? 0)
  }

  #demand(states: readonly number[], now: number): string | undefined {
    const state = this.#stateAt(now)
    if (states.includes(state)) return undefined
    return state === 5 ? 'KEY_DELETED_ERR' : 'KEY_ACTION_INVALID_STATE_ERR'
  }
}

/** Whether less than `wait` has passed; a clock that was set back does not make anybody wait longer. */
function within(wait: number, since: number | undefined, now: number): boolean {
  return since !== undefined && now >= since && now - since < wait
}
