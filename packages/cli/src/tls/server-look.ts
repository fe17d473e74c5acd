/** A TLS connection to a listener: the certificates a client will see, and whether an authority vouches for them. */
import { isIP, type Socket } from 'node:net'
import { checkServerIdentity, connect, type PeerCertificate, type TLSSocket } from 'node:tls'
import { CliError } from '../cli-error.ts'
import type { Surroundings } from '../surroundings.ts'
import { type CertificateFacts, factsOf } from './certificate-facts.ts'
import { addressText, type ListenerAddress } from './listener-address.ts'

/** How long connecting, and then an answer, may take, in milliseconds. */
const waitMs = 10_000

const reachAdvice = 'check the address, and that the server runs'
const tlsAdvice = 'the two have no TLS in common, or the server wants another certificate'

/** What is wrong with a pair that OpenSSL does not take, and what to do, by the code it gives. */
const pairFaults: Readonly<Record<string, readonly [why: string, advice: string]>> = {
  ERR_SSL_EE_KEY_TOO_SMALL: ['the key is too small', 'have a pair made with RSA 2048 or P-256, or more'],
  ERR_OSSL_X509_KEY_VALUES_MISMATCH: ['the key is not that of the certificate', 'check that both are one pair'],
}

/** Certificates looked at, from the server's own up. */
const chainMax = 10

export interface ServerLook {
  readonly protocol: string
  readonly cipher: string
  /** The server's own first. */
  readonly chain: readonly CertificateFacts[]
  /** Why an authority does not vouch for it; undefined when it does. */
  readonly distrust: string | undefined
  /** Whether the certificate is for the address that was asked. */
  readonly isNamed: boolean
}

interface Identity {
  /** PEM. */
  readonly certificate: string
  readonly key: string
}

export interface TlsWish {
  /** What the listener speaks, in messages: `KMIP`. */
  readonly what: string
  readonly address: ListenerAddress
  /** PEM of the authority; without one those that Node knows. */
  readonly authority: string | undefined
  /** What the client shows; without it none, as who only wants to see the server's certificate does. */
  readonly identity?: Identity
  /** What may be spoken over TLS (ALPN), such as `h2`. */
  readonly protocols?: readonly string[]
}

/**
 * Connects, and passes the connection on; it is closed afterwards.
 *
 * @throws CliError `UNREACHABLE`, `BAD_INPUT` when key and certificate do not belong together
 */
export async function withTls<T>(
  io: Surroundings,
  wish: TlsWish,
  use: (socket: TLSSocket) => Promise<T> | T,
): Promise<T> {
  const { what, address, authority, identity, protocols } = wish
  const { host, port } = address
  const socket = start(() =>
    connect({
      host,
      port,
      ...(isIP(host) === 0 ? { servername: host } : {}),
      ...(authority === undefined ? {} : { ca: authority }),
      ...(identity === undefined ? {} : { cert: identity.certificate, key: identity.key }),
      ...(protocols === undefined ? {} : { ALPNProtocols: [...protocols] }),
      // What is wrong with it is what is wanted here; nothing secret is sent.
      rejectUnauthorized: false,
      checkServerIdentity: () => undefined,
    }),
  )
  try {
    await bounded(io, socket, `cannot reach ${what} at ${addressText(address)}`, (done) => {
      socket.once('secureConnect', done)
    })
    return await use(socket)
  } finally {
    socket.destroy()
  }
}

function start(open: () => TLSSocket): TLSSocket {
  try {
    return open()
  } catch (error) {
    const { code = 'unknown' } = error as NodeJS.ErrnoException
    const [why, advice] = pairFaults[code] ?? [code, 'check that both are one pair']
    throw new CliError('BAD_INPUT', `certificate or key cannot be used for TLS: ${why}`, advice)
  }
}

/**
 * Waits for what `listen` waits for, not for ever.
 *
 * @param what the beginning of the message when it fails
 * @throws CliError `UNREACHABLE`
 */
export function bounded(
  io: Surroundings,
  socket: Socket,
  what: string,
  listen: (done: () => void) => void,
): Promise<void> {
  return new Promise((resolve, reject) => {
    const signal = AbortSignal.any([io.signal, AbortSignal.timeout(waitMs)])
    const end = (finish: () => void): void => {
      signal.removeEventListener('abort', stop)
      socket.off('error', fail).off('close', close)
      // An error that comes once nobody waits is of a connection that is given up.
      socket.on('error', () => undefined)
      finish()
    }
    const refuse = (why: string): void =>
      end(() => reject(new CliError('UNREACHABLE', `${what}: ${why}`, /SSL|TLS/.test(why) ? tlsAdvice : reachAdvice)))
    const stop = (): void =>
      io.signal.aborted
        ? end(() => reject(new CliError('INTERRUPTED', 'interrupted')))
        : refuse(`no answer in ${waitMs / 1000} s`)
    const fail = (error: NodeJS.ErrnoException): void => refuse(error.code ?? error.message)
    const close = (): void => refuse('the connection was closed')
    signal.addEventListener('abort', stop)
    socket.once('error', fail).once('close', close)
    listen(() => end(resolve))
  })
}

/** What the server shows to anybody. */
export function lookOf(socket: TLSSocket, { host }: ListenerAddress): ServerLook {
  const own = socket.getPeerCertificate(true)
  const chain: CertificateFacts[] = []
  for (let at: Issued | undefined = own; at?.raw !== undefined && chain.length < chainMax; at = at.issuerCertificate) {
    const facts = factsOf(at.raw)
    // Who issued itself is its own issuer for ever.
    if (chain.at(-1)?.fingerprint === facts.fingerprint) break
    chain.push(facts)
  }
  if (chain.length === 0) throw new CliError('BAD_ANSWER', 'the server showed no certificate')
  return {
    protocol: socket.getProtocol() ?? '',
    cipher: socket.getCipher().name,
    chain,
    distrust: socket.authorized ? undefined : String(socket.authorizationError),
    isNamed: checkServerIdentity(host, own) === undefined,
  }
}

/** As it really is: a certificate without an issuer at hand has none. */
type Issued = PeerCertificate & { readonly issuerCertificate?: Issued }
