/** Who makes a request, and over which way it came: the facts an event's initiator is made of. */
export interface Caller {
  /** `iam_id`: `IBMid-…` style for people, `iam-ServiceId-<uuid>` for services; `unknown` before authentication. */
  readonly id: string
  readonly name: string
  readonly kind: 'user' | 'serviceId' | 'certificate' | 'unknown'
  /** 32 hex digits; the operator's account for callers that cannot be resolved. */
  readonly account: string
  readonly credential: 'token' | 'apikey' | 'user' | 'certificate' | 'none'
  /** Peer address; absent when the request came through a private listener. */
  readonly address?: string
  readonly agent?: string
  readonly isPrivate: boolean
}
