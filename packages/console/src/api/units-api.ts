/** The crypto units of an instance (`/v1/tke/{instance}`): read only; commands are signed on people's machines. */
import type { Calls } from './client.ts'

export const unitSteps = [
  'confirm-state',
  'add-administrators',
  'set-thresholds',
  'load-master-key',
  'commit',
  'rotate',
  'await-rotation',
  'activate',
  'none',
] as const
export type UnitStep = (typeof unitSteps)[number]

export interface Register {
  readonly state: 'empty' | 'uncommitted' | 'committed' | 'valid'
  /** 64 hex digits; left out for an empty register. */
  readonly verificationPattern?: string
}

export interface CryptoUnit {
  readonly hsm_id: string
  readonly location: string
  readonly serial_number: string
  readonly state: 'ready' | 'serving' | 'imprint' | 'no_master_key' | 'differs' | 'stale'
  readonly version: number
  readonly type: 'operational' | 'recovery' | 'failover'
  readonly administrators: readonly { readonly ski: string; readonly name?: string }[]
  /** 0 in imprint mode, as the other one. */
  readonly signatureThreshold: number
  readonly revocationThreshold: number
  readonly masterKey: { readonly current: Register; readonly new: Register }
  readonly next: UnitStep
}

export interface UnitStates {
  readonly units: readonly CryptoUnit[]
  readonly masterKeyInForce?: string
}

/** Numbers come as texts. */
export interface Rotation {
  readonly status: 'none' | 'started' | 'rewrapped' | 'finished' | 'failed'
  readonly rewrapped: string
  readonly total: string
  readonly from: string
  readonly to: string
}

export interface UnitsApi {
  states(signal?: AbortSignal): Promise<UnitStates>
  rotation(signal?: AbortSignal): Promise<Rotation>
}

export function createUnitsApi({ read }: Calls, instance: string): UnitsApi {
  const path = `/v1/tke/${encodeURIComponent(instance)}`
  return {
    states: (signal) => read<UnitStates>(`${path}/units`, { signal: signal ?? null }),
    rotation: (signal) => read<Rotation>(`${path}/key_roll`, { signal: signal ?? null }),
  }
}
