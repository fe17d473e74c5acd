/** The audit event: IBM's Activity Tracker dialect of CADF (DMTF DSP0262), field for field. */
import type { ActionName, RequestFields, ResponseFields } from './catalogue.ts'
import type { Attach } from './field-types.ts'

export type Severity = 'normal' | 'warning' | 'critical'
export const outcomes = ['success', 'failure', 'pending', 'unknown'] as const
export type Outcome = (typeof outcomes)[number]

/** How the initiator proved who it is. `none` is ours: a caller that presented nothing that could be checked. */
export const credentialTypes = [
  'token',
  'user',
  'apikey',
  'certificate',
  'public-access',
  'hmac',
  'compute-resource',
  'instance-identity-token',
  'apikey-serviceid',
  's2s-authorization',
  'none',
] as const
export type CredentialType = (typeof credentialTypes)[number]

/** Values of `initiator.typeURI`. */
export const initiatorTypes = {
  user: 'service/security/account/user',
  serviceId: 'service/security/account/serviceid',
  certificate: 'service/security/client/certificateid',
  unknown: 'unknown',
} as const

export type InitiatorType = (typeof initiatorTypes)[keyof typeof initiatorTypes]

export const addressTypes = ['IPv4', 'IPv6', 'CSE'] as const

/** Where a request came from. `address` is absent for requests through a private listener and for KMIP. */
export interface InitiatorHost {
  readonly address?: string | undefined
  readonly addressType?: (typeof addressTypes)[number] | undefined
  /** User agent as the client sent it, cut to 256 characters. */
  readonly agent?: string | undefined
}

export interface Initiator {
  /** `IBMid-…` for people, `iam-ServiceId-<uuid>`, `CertificateID-<fingerprint>`; `unknown` before authentication. */
  readonly id: string
  readonly name: string
  readonly typeURI: InitiatorType
  /** The login identity behind an assumed one. */
  readonly authnId?: string | undefined
  readonly authnName?: string | undefined
  readonly credential: { readonly type: CredentialType }
  readonly host: InitiatorHost
}

export interface Target {
  /** Cloud Resource Name. */
  readonly id: string
  readonly name: string
  readonly typeURI: string
  /** CRN of the resource group. */
  readonly resourceGroupId?: string | undefined
  readonly host?: { readonly address: string } | undefined
}

export interface Reason {
  /** HTTP status; a number in this dialect. */
  readonly reasonCode: number
  readonly reasonType: string
  readonly reasonForFailure?: string | undefined
}

/** Scalars and lists as fields hold them; dotted prefixes (`initialValue.`) nest as objects. */
export type EventData = { readonly [member: string]: EventValue }
export type EventValue = string | number | boolean | readonly string[] | EventData

export interface ActivityEvent {
  /** UUID version 7. */
  readonly id: string
  readonly typeURI: 'http://schemas.dmtf.org/cloud/audit/1.0/event'
  readonly eventType: 'activity'
  /** `YYYY-MM-DDTHH:mm:ss.SS+0000`. */
  readonly eventTime: string
  readonly action: string
  readonly outcome: Outcome
  readonly message: string
  readonly severity: Severity
  /** True for operations on data (keys and what they protect), false for management. */
  readonly dataEvent: boolean
  /** Absent from Trusted Key Entry events. */
  readonly correlationId?: string | undefined
  readonly initiator: Initiator
  readonly target: Target
  readonly observer: { readonly name: 'ActivityTracker' }
  readonly reason: Reason
  readonly requestData: EventData
  readonly responseData: EventData
  readonly logSourceCRN: string
  readonly saveServiceCopy: boolean
}

/** An event as it is recorded, and what its recorder asks of it without reading it. */
export interface WrittenEvent extends Pick<ActivityEvent, 'id' | 'eventTime' | 'action' | 'outcome'> {
  /** Canonical JSON. */
  readonly text: string
}

/** What a service knows about one call. Everything else of the event comes from the catalogue. */
export interface EventFacts<A extends ActionName> {
  readonly action: A
  /** Name of a variant of the catalogue entry; found from the fields when left out. */
  readonly variant?: string | undefined
  readonly outcome: Outcome
  readonly reason: {
    /** HTTP status, 100 to 599. */
    readonly code: number
    /** A sentence of the service's own, never what the caller sent. */
    readonly forFailure?: string | undefined
  }
  readonly initiator: Omit<Initiator, 'host'> & { readonly host?: InitiatorHost | undefined }
  readonly target: Omit<Target, 'typeURI'>
  readonly correlationId?: string | undefined
  readonly logSourceCRN: string
  /** Path of the request; of its query only harmless parameters are kept. */
  readonly requestURI?: string | undefined
  readonly instanceID?: string | undefined
  readonly request?: Partial<RequestFields<A>> | undefined
  readonly response?: Partial<ResponseFields<A>> | undefined
}

/** What the producer stamps on an event. */
export interface EventStamp {
  /** UUID version 7. */
  readonly id: string
  /** Milliseconds since the epoch. */
  readonly time: number
  /** The service's display name, a setting: the first word of every message. */
  readonly serviceName: string
  /** Keeps what is too long for the event itself. Without it such a list is refused as `TOO_LONG`. */
  readonly attach?: Attach
}
