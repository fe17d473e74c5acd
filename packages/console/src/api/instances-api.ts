/** An instance in full (`/v1/instances/{guid}`): what it holds, and what its clients must show. Each reading is an event. */
import type { Calls } from './client.ts'
import type { Instance } from './types.ts'

/** An instance with how much it holds. */
export interface InstanceDetail extends Instance {
  readonly inventory: {
    readonly rootKeys: number
    readonly standardKeys: number
    readonly kmipAdapters: number
    readonly kmipObjects: number
    readonly ep11Keystores: number
    readonly ep11Objects: number
  }
  readonly clientCertificates: {
    readonly mtlsEnabled: boolean
    readonly certificates: number
    readonly administrators: number
    /** When the first of the certificates ends, or has ended. */
    readonly nextExpiry: string | null
  }
}

export function readInstance({ read }: Calls, guid: string, signal?: AbortSignal): Promise<InstanceDetail> {
  return read(`/v1/instances/${encodeURIComponent(guid)}`, { signal: signal ?? null })
}
