/** What the listener asks of the protocol: who sent which message, and what the answer is. */
import type { KmipError } from './message/kmip-error.ts'

export interface KmipPeer {
  /** SHA-256 of the DER form, lower-case hexadecimal; undefined without a certificate. */
  readonly fingerprint: string | undefined
  /** DER. */
  readonly certificate: Buffer | undefined
  readonly address: string
}

export interface KmipAnswer {
  /** Sent, and overwritten then: it may hold keys. Undefined: nothing is sent. */
  readonly bytes: Buffer | undefined
  /** Whether the connection ends after it. */
  readonly close: boolean
}

export interface KmipService {
  /**
   * Bytes that a message of this peer may have, its header included; asked for each message: 16 KiB until the
   * certificate is registered, 1 MiB then.
   */
  maxBytes(peer: KmipPeer): number
  /**
   * One whole message; the next one of the connection waits for its answer. Never rejects for anything a client can send.
   *
   * @param message is overwritten once the answer is there: what is kept of it must be a copy
   */
  answer(peer: KmipPeer, message: Buffer): Promise<KmipAnswer>
  /** What cannot be framed (too long, no TTLV): the answer before the end; no bytes for what is no KMIP at all. */
  broken(peer: KmipPeer, error: KmipError): Promise<KmipAnswer>
  /** The peer sends more requests than it may. Asked once in a while; in between such connections end unanswered. */
  overloaded(peer: KmipPeer): Promise<KmipAnswer>
}
