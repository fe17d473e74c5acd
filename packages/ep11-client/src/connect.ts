/** The way to EP11: one connection over TLS, and the client that speaks on it. */
import { Client, credentials } from '@grpc/grpc-js'
import { type CallOptions, Calls } from './calls.ts'
import { certificateIn, checkClientPair, type ClientPair } from './client-pair.ts'
import { Ep11 } from './ep11.ts'
import { apiKeyTokens, givenToken, type Tokens } from './tokens.ts'
import { Turns } from './turns.ts'

/** Whoever may act: by a token, or by an API key that tokens are fetched with. */
type Credentials =
  | {
      /** An access token, or a function that is asked for one before each call. */
      readonly token: string | (() => string | Promise<string>)
    }
  | {
      readonly apiKey: string
      /** Where `/identity/token` is: `https://iam.cloud.ibm.com`, or that of Keywitness. */
      readonly identityUrl: string
      /** PEM of the authorities of the identity service's certificate; those that Node trusts without. */
      readonly identityCa?: string | Uint8Array
    }

export type Ep11Options = Credentials &
  CallOptions & {
    /** `host:port` */
    readonly address: string
    /** PEM of the authorities of the server's certificate; those that Node trusts without. */
    readonly ca?: string | Uint8Array
    /** GUID of the instance. Needed where the address does not tell it and there are several. */
    readonly instance?: string
    /** PEM of certificate chain and private key, where the service asks for them (mutual TLS). */
    readonly clientCertificate?: ClientPair
    /** How often a call is made again when the service says that this can help: 0 to 10, 2 without. */
    readonly repetitions?: number
    /** Data up to so many bytes go in one call, and more in parts of that size: a multiple of 16, 1 MiB without. */
    readonly partBytes?: number
  }

/** The service lets a connection have 100. */
const callsAtOnce = 90
const callsWaiting = 10_000
/** More than any answer has. */
const answerBytesMax = 8 * 1024 * 1024
const partBytesMax = 4 * 1024 * 1024 - 65_536

/**
 * Connects when the first call is made, and again after each loss. Nothing is sent without TLS.
 * @throws TypeError for options that cannot be used; no secret stands in its text
 */
export function connectEp11(options: Ep11Options): Ep11 {
  const { address, ca, clientCertificate, instance, repetitions = 2, partBytes = 1_048_576 } = options
  if (!/^(?:[\w.-]{1,253}|\[[\da-f:.]{2,45}\]):\d{1,5}$/i.test(address)) throw new TypeError('address is host:port.')
  if (instance !== undefined && !/^[\w-]{1,64}$/.test(instance)) throw new TypeError('instance is a GUID.')
  if (!(Number.isInteger(repetitions) && repetitions >= 0 && repetitions <= 10)) {
    throw new TypeError('repetitions is 0 to 10.')
  }
  if (!(partBytes >= 16 && partBytes <= partBytesMax && partBytes % 16 === 0)) {
    throw new TypeError(`partBytes is 16 to ${partBytesMax}, a multiple of 16.`)
  }
  const client = new Client(address, channelCredentials(ca, clientCertificate), {
    // No connection of others to the same address, who may show another certificate.
    'grpc.use_local_subchannel_pool': 1,
    'grpc.service_config_disable_resolution': 1,
    'grpc.max_receive_message_length': answerBytesMax,
    'grpc.max_send_message_length': answerBytesMax,
    // As seldom as servers put up with that are strict about it.
    'grpc.keepalive_time_ms': 300_000,
    'grpc.keepalive_timeout_ms': 20_000,
    'grpc.initial_reconnect_backoff_ms': 100,
    'grpc.max_reconnect_backoff_ms': 10_000,
  })
  const turns = new Turns(callsAtOnce, callsWaiting)
  const parts = { client, tokens: tokensOf(options), turns, instance, repetitions }
  const { deadlineMs, signal, correlationId, onWitnessed } = options
  const callOptions: CallOptions = {
    ...(deadlineMs === undefined ? {} : { deadlineMs }),
    ...(signal === undefined ? {} : { signal }),
    ...(correlationId === undefined ? {} : { correlationId }),
    ...(onWitnessed === undefined ? {} : { onWitnessed }),
  }
  return new Ep11(new Calls(parts, callOptions, undefined), { partBytes, close: () => client.close() })
}

function tokensOf(options: Credentials): Tokens {
  if ('token' in options) return givenToken(options.token)
  const { apiKey, identityUrl, identityCa } = options
  return apiKeyTokens({ apiKey, identityUrl, identityCa, now: () => performance.now() })
}

function channelCredentials(ca: Ep11Options['ca'], own: Ep11Options['clientCertificate']) {
  const pem = (bytes: string | Uint8Array | undefined): Buffer | null =>
    bytes === undefined ? null : Buffer.from(bytes)
  // Authorities that cannot be read would be left out in silence.
  if (ca !== undefined && certificateIn(ca) === undefined) throw new TypeError('ca is not a certificate in PEM.')
  if (own !== undefined) checkClientPair(own)
  try {
    return credentials.createSsl(pem(ca), pem(own?.key), pem(own?.cert))
  } catch {
    // The library's text may quote what it was given.
    throw new TypeError('ca or clientCertificate is not PEM that TLS can use.')
  }
}
