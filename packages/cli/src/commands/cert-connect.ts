/** `keywitness cert connect`: one call of EP11 as a client would make it, with its certificate or without, and what is wrong. */
import { X509Certificate } from 'node:crypto'
import { resolve } from 'node:path'
import type { Command } from 'commander'
import { callEp11, type Ended } from '../cert/ep11-call.ts'
import { openPrivateKey } from '../cert/encrypted-key.ts'
import { type CertOptions, withCert } from '../cert/options.ts'
import { CliError } from '../cli-error.ts'
import { examples } from '../command-options.ts'
import { openInstance } from '../kms-api.ts'
import { printable, printableJson } from '../printable.ts'
import type { Surroundings } from '../surroundings.ts'
import { paragraph } from '../text-lines.ts'
import {
  type CertificateFacts,
  factLines,
  readCertificate,
  readCertificates,
  withColons,
} from '../tls/certificate-facts.ts'
import { addressText, authorityFile, type ListenerAddress, listenerAddress } from '../tls/listener-address.ts'
import { readPrivateKey } from '../tls/private-key-file.ts'
import { lookOf, type ServerLook, withTls } from '../tls/server-look.ts'

interface Options extends CertOptions {
  readonly ep11?: string
  readonly ca?: string
  readonly certificate?: string
  readonly key?: string
}

interface Identity {
  /** PEM of the client's own and of what leads to its authority. */
  readonly certificate: string
  readonly key: string
  readonly facts: CertificateFacts
  /** Sentences about what cannot work, whatever the server says. */
  readonly faults: readonly string[]
}

/** What a call says of who made it. */
interface Verdict {
  /** Undefined where the call failed before, or for, something else. */
  readonly isLetIn: boolean | undefined
  readonly text: string
}

const ep11Listener = { member: 'ep11', port: 9876 } as const
const UNAUTHENTICATED = 16
const PERMISSION_DENIED = 7
/** extKeyUsage (RFC 5280, section 4.2.1.12). */
const clientAuth = '1.3.6.1.5.5.7.3.2'

export function addCertConnect(cert: Command, io: Surroundings): void {
  const connect = withCert(cert.command('connect'))
    .description('make one call of EP11, which is recorded, and say whether the client is let in, and why not')
    .option('--ep11 <host:port>', "address of the EP11 listener (default: the server's host, port 9876)")
    .option('--ca <file>', 'PEM file of the authority that signed its certificate (default: tls/ca.pem in ./data)')
    .option('--certificate <file>', "the client's certificate, PEM, with those that lead to its authority behind it")
    .option('--key <file>', 'its private key, PEM, not encrypted')
    .action((options: Options) => connectClient(io, options))
  examples(
    connect,
    'cert connect',
    'cert connect --certificate trial.pem --key trial.key',
    'cert connect --ep11 ep11.example.com:9876 --ca ca.pem --certificate trial.pem --key trial.key',
  )
}

async function connectClient(io: Surroundings, options: Options): Promise<void> {
  const identity = await readIdentity(io, options)
  const address = await listenerAddress(io, ep11Listener, options.ep11, options.url)
  const file = await authorityFile(io, options.ca)
  const authority = file === undefined ? undefined : { file, ...(await readCertificate(file)) }
  const { client, instance } = await openInstance(io, options)
  const token = await client.token()
  const wish = { what: 'EP11', address, authority: authority?.pem, protocol: 'h2' }
  const { look, ended } = await withTls(io, identity === undefined ? wish : { ...wish, identity }, async (socket) => {
    const seen = lookOf(socket, address)
    // A token goes to nobody that the authority does not vouch for.
    if (seen.distrust !== undefined) throw distrusted(seen, file)
    return { look: seen, ended: await callEp11(io, socket, { authority: addressText(address), token, instance }) }
  })
  const verdict = verdictOf(ended, identity)
  if (options.json === true) {
    const own = identity === undefined ? null : { ...identity.facts, faults: identity.faults }
    const call = { status: ended.status, message: ended.message, eventId: ended.eventId ?? null }
    const answer = {
      ...address,
      ...look,
      distrust: null,
      instance,
      client: own,
      call,
      isLetIn: verdict.isLetIn ?? null,
    }
    io.out.write(`${printableJson(answer, 2)}\n`)
  } else {
    print(io, { address, look, identity, ended, verdict, instance })
  }
  demandGood(verdict)
}

async function readIdentity(io: Surroundings, { certificate, key }: Options): Promise<Identity | undefined> {
  if ((certificate === undefined) !== (key === undefined)) {
    throw new CliError('BAD_INPUT', '--certificate and --key go together')
  }
  if (certificate === undefined || key === undefined) return undefined
  const chain = await readCertificates(certificate)
  const keyPem = await readPrivateKey(key)
  const own = new X509Certificate(chain[0].pem)
  const privateKey = openPrivateKey(keyPem, undefined)
  if (privateKey === undefined || !own.checkPrivateKey(privateKey)) {
    throw new CliError('BAD_INPUT', `${printable(resolve(key))} is not the key of this certificate, or is encrypted`)
  }
  return {
    certificate: chain.map(({ pem }) => pem).join(''),
    key: keyPem,
    facts: chain[0].facts,
    faults: faultsOf(own, io.now()),
  }
}

function faultsOf(certificate: X509Certificate, now: number): string[] {
  const uses = certificate.keyUsage as readonly string[] | undefined
  return [
    ...(certificate.validFromDate.getTime() > now ? ['It is not valid yet.'] : []),
    ...(certificate.validToDate.getTime() <= now ? ['It has expired: have a new one issued.'] : []),
    ...(uses !== undefined && !uses.includes(clientAuth)
      ? ['It is not for clients of TLS (extKeyUsage without clientAuth): have one issued that is.']
      : []),
    ...(certificate.ca ? ["It is an authority's certificate: a client shows one that it issued."] : []),
  ]
}

function verdictOf({ status, message }: Ended, identity: Identity | undefined): Verdict {
  if (status === 0) {
    return {
      isLetIn: true,
      text: identity === undefined ? 'let in without a certificate' : 'let in with this certificate',
    }
  }
  if (status === UNAUTHENTICATED && /certificate/i.test(message)) {
    const text = identity === undefined ? 'refused without a certificate' : 'refused with this certificate'
    return { isLetIn: false, text }
  }
  if (status === UNAUTHENTICATED) return { isLetIn: undefined, text: 'the token was not taken' }
  if (status === PERMISSION_DENIED) {
    return { isLetIn: undefined, text: 'this API key may not use keys of the instance, or not from here' }
  }
  return { isLetIn: undefined, text: 'the call failed' }
}

interface Shown {
  readonly address: ListenerAddress
  readonly look: ServerLook
  readonly identity: Identity | undefined
  readonly ended: Ended
  readonly verdict: Verdict
  readonly instance: string
}

function print(io: Surroundings, { address, look, identity, ended, verdict, instance }: Shown): void {
  io.out.write(`EP11 at ${printable(addressText(address))}, ${look.protocol}, ${look.cipher}\n`)
  for (const { subject, fingerprint } of look.chain.slice(0, 1)) {
    io.out.write(`  ${printable(subject)}, SHA-256 ${withColons(fingerprint)}\n`)
  }
  if (!look.isNamed) {
    io.out.write(
      `  Its certificate is not for ${printable(address.host)}: clients that compare names will refuse it.\n`,
    )
  }
  io.out.write("\nThe client's certificate\n")
  if (identity === undefined) io.out.write('  none: name one with --certificate and --key\n')
  else io.out.write(factLines(identity.facts))
  for (const fault of identity?.faults ?? []) io.out.write(`${paragraph(io, fault).join('\n')}\n`)
  io.out.write(`\nGenerateRandom, instance ${printable(instance)}\n`)
  io.out.write(`${paragraph(io, verdict.text).join('\n')}\n`)
  if (ended.message !== '') io.out.write(`${paragraph(io, ended.message).join('\n')}\n`)
  if (ended.eventId !== undefined) io.out.write(`  witnessed by event ${printable(ended.eventId)}\n`)
}

function distrusted({ distrust, chain }: ServerLook, file: string | undefined): CliError {
  const who = file === undefined ? 'no authority that is known here vouches' : `${printable(file)} does not vouch`
  const shown = chain[0] === undefined ? '' : ` (${chain[0].subject})`
  const advice = file === undefined ? 'name the authority with --ca' : 'it may be another server that answers'
  return new CliError('VERIFICATION_FAILED', `${who} for the server's certificate${shown}: ${distrust}`, advice)
}

/** @throws CliError when a client could not work with this */
function demandGood({ isLetIn, text }: Verdict): void {
  if (isLetIn === true) return
  if (isLetIn === undefined) throw new CliError('REFUSED', text)
  throw new CliError(
    'VERIFICATION_FAILED',
    text,
    'keywitness cert list shows which authorities are let in; a client shows a certificate that one of them issued',
  )
}
