/** Certificates of EP11's clients (`/v1/certs/{instance}`): read; changes are signed elsewhere, but for recoveries by two people. */
import type { Calls } from './client.ts'

/** Whoever has a key or certificates; no name for somebody who is gone. */
interface Administrator {
  readonly id: string
  readonly name: string | null
}

export interface AcceptedCertificate {
  readonly certId: string
  /** SHA-256, hexadecimal. */
  readonly fingerprint: string
  readonly subject: string
  readonly issuer: string
  readonly serialNumber: string
  readonly notBefore: string
  readonly notAfter: string
  /** PEM. */
  readonly certificate: string
  readonly createdAt: string
  readonly updatedAt: string
  readonly administrator: Administrator
  /** Nobody can change it until its administrator has a key again. */
  readonly frozen: boolean
}

export interface AcceptedCertificates {
  readonly certs: readonly AcceptedCertificate[]
  /** Whether clients need a certificate. */
  readonly mtlsEnabled: boolean
  readonly generation: number
}

type RecoveryState = 'open' | 'approved' | 'withdrawn' | 'lapsed' | 'performed' | 'outdated'

export type Removes = 'admin-key' | 'admin-key-and-certificates'

export interface Recovery {
  readonly id: string
  readonly administrator: Administrator
  readonly removes: Removes
  readonly keyId: string | null
  /** What it does, or did, in words of the server. */
  readonly says: string
  readonly state: RecoveryState
  readonly proposedBy: { readonly id: string; readonly name: string }
  readonly proposedAt: string
  /** Until when it can be approved. */
  readonly expiresAt: string
  readonly approvedBy: { readonly id: string; readonly name: string } | null
  readonly approvedAt: string | null
  /** When it is performed. */
  readonly dueAt: string | null
  readonly endedBy: string | null
  readonly endedAt: string | null
}

export interface Holder {
  readonly administrator: Administrator
  /** SHA-256 of the signature key; null for none. */
  readonly keyId: string | null
  readonly certificates: number
}

export interface Recoveries {
  /** Newest first. */
  readonly recoveries: readonly Recovery[]
  readonly administrators: readonly Holder[]
  readonly waitingHours: number
}

export interface CertificatesApi {
  /** Of all administrators. */
  certificates(signal?: AbortSignal): Promise<AcceptedCertificates>
  recoveries(signal?: AbortSignal): Promise<Recoveries>
  propose(administrator: string, removes: Removes): Promise<Recovery>
  approve(recovery: string): Promise<Recovery>
  withdraw(recovery: string): Promise<Recovery>
}

export function createCertificatesApi({ read }: Calls, instance: string): CertificatesApi {
  const path = `/v1/certs/${encodeURIComponent(instance)}`
  const post = (below: string, body?: object): Promise<Recovery> =>
    read<Recovery>(`${path}/recoveries${below}`, {
      method: 'POST',
      ...(body !== undefined && { headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(body) }),
    })
  return {
    certificates: (signal) =>
      read<AcceptedCertificates>(`${path}/certs?administrators=all`, { signal: signal ?? null }),
    recoveries: (signal) => read<Recoveries>(`${path}/recoveries`, { signal: signal ?? null }),
    propose: (administrator, removes) => post('', { administrator, removes }),
    approve: (recovery) => post(`/${encodeURIComponent(recovery)}/approve`),
    withdraw: (recovery) => post(`/${encodeURIComponent(recovery)}/withdraw`),
  }
}
