/** The keystores of an instance (`/v1/keystores/{instance}`): read only; key material is never asked for. */
import type { Calls } from './client.ts'
import type { Part } from './types.ts'

export interface Keystore {
  readonly id: string
  readonly name?: string
  readonly type: 'public' | 'private'
  /** Its keys work only with the password of their user. */
  readonly authenticated: boolean
  readonly objects: number
  readonly version: number
  readonly createdAt: string
  readonly createdBy: string
  readonly createdByName?: string
}

export interface KeystoreObject {
  readonly id: string
  readonly version: number
  /** CKO_ name. */
  readonly class: string
  /** CKK_ name. */
  readonly keyType?: string
  readonly label?: string
  readonly attributes: Readonly<Record<string, unknown>>
  readonly createdAt: string
  readonly createdBy: string
  readonly updatedAt?: string
  readonly updatedBy?: string
}

export interface KeystoresApi {
  keystores(after: string | null, signal?: AbortSignal): Promise<Part<Keystore>>
  objects(keystore: string, after: string | null, signal?: AbortSignal): Promise<Part<KeystoreObject>>
}

export function createKeystoresApi({ read }: Calls, instance: string): KeystoresApi {
  const path = `/v1/keystores/${encodeURIComponent(instance)}`
  const on = (after: string | null): string => (after === null ? '' : `&after=${encodeURIComponent(after)}`)
  return {
    async keystores(after, signal) {
      const answer = await read<{ keystores: readonly Keystore[]; next: string | null }>(
        `${path}?limit=200${on(after)}`,
        { signal: signal ?? null },
      )
      return { items: answer.keystores, next: answer.next }
    },
    async objects(keystore, after, signal) {
      const answer = await read<{ keys: readonly KeystoreObject[]; next: string | null }>(
        `${path}/${encodeURIComponent(keystore)}/keys?objects=false&limit=100${on(after)}`,
        { signal: signal ?? null },
      )
      return { items: answer.keys, next: answer.next }
    },
  }
}
