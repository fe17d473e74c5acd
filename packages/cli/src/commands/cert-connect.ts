/** `keywitness cert connect`: one call of EP11 as a client would make it, with its certificate or without, and what is wrong. */
import { X509Certificate } from 'node:crypto'
import { resolve } from 'node:path'
import type { Command } from 'commander'
import { type Verdict, verdictOf } from '../cert/connect-verdict.ts'
import { callEp11, type Ended } from '../cert/ep11-call.ts'
import { openPrivateKey } from '../cert/encrypted-key.ts'
import { type CertOptions, withCert } from '../cert/options.ts'
import { type ApiClient, memberOf, Refused } from '../api-client.ts'
import { CliError } from '../cli-error.ts'
import { examples } from '../command-options.ts'
import { openInstance } from '../kms-api.ts'
import { printable, printableJson } from '../printable.ts'
import type { Surroundings } from '../surroundings.ts'
import { paragraph, rowLines } from '../text-lines.ts'
import { type CertificateFacts, certificateLines, readCertificate, readCertificates } from '../tls/certificate-facts.ts'
import { isForClients, wayFaults } from '../tls/client-authority.ts'
import { addressText, authorityFile, type ListenerAddress, listenerAddress } from '../tls/listener-address.ts'
import { readPrivateKey } from '../tls/private-key-file.ts'
import { lookOf, type ServerLook, withTls } from '../tls/server-look.ts'

interface Options extends CertOptions {
  readonly ep11?: string
  readonly ca?: string
  readonly certificate?: string
  readonly key?: string
  readonly against?: string
}

/** An authority that the client's certificate is compared with here, whatever the server says. */
interface Comparison {
  readonly file: string
  readonly facts: CertificateFacts
  /** Why clients with this certificate would not be let in by it, in sentences. */
  readonly faults: readonly string[]
}

interface Identity {
  /** PEM of the client's own and of what leads to its authority. */
  readonly certificate: string
  readonly key: string
  readonly facts: CertificateFacts
  /** Sentences about what cannot work, whatever the server says. */
  readonly faults: readonly string[]
  readonly chain: readonly [X509Certificate, ...X509Certificate[]]
}

const ep11Listener = { member: 'ep11', port: 9876 } as const

export function addCertConnect(cert: Command, io: Surroundings): void {
  const connect = withCert(cert.command('connect'))
    .description('make one call of EP11, which is recorded, and say whether the client is let in, and why not')
    .option('--ep11 <host:port>', "address of the EP11 listener (default: the server's host, port 9876)")
    .option('--ca <file>', 'PEM file of the authority that signed its certificate (default: tls/ca.pem in ./data)')
    .option('--certificate <file>', "the client's certificate, PEM, with those that lead to its authority behind it")
    .option('--key <file>', 'its private key, PEM, not encrypted')
    .option('--against <file>', 'compare it here with an authority that is to be set: who issued it, dates, purpose')
    .action((options: Options) => connectClient(io, options))
  examples(
    connect,
    'cert connect',
    'cert connect --certificate trial.pem --key trial.key',
    'cert connect --certificate trial.pem --key trial.key --against trial-ca.pem',
    'cert connect --ep11 ep11.example.com:9876 --ca ca.pem --certificate trial.pem --key trial.key',
  )
}

async function connectClient(io: Surroundings, options: Options): Promise<void> {
  const identity = await readIdentity(io, options)
  const comparison = await compare(io, options, identity)
  const address = await listenerAddress(io, ep11Listener, options.ep11, options.url)
  const file = await authorityFile(io, options.ca)
  const authority = file === undefined ? undefined : { file, ...(await readCertificate(file)) }
  const { client, instance } = await openInstance(io, options)
  const token = await client.token()
  const wish = { what: 'EP11', address, authority: authority?.pem, protocols: ['h2'] }
  const { look, ended } = await withTls(io, identity === undefined ? wish : { ...wish, identity }, async (socket) => {
    const seen = lookOf(socket, address)
    // A token goes to nobody that the authority does not vouch for.
    if (seen.distrust !== undefined) throw distrusted(seen, file)
    return { look: seen, ended: await callEp11(io, socket, { authority: addressText(address), token, instance }) }
  })
  const isOn = ended.status === 0 && identity !== undefined ? await mtlsOf(client, instance) : undefined
  const verdict = verdictOf(ended, identity?.facts, isOn)
  if (options.json === true) {
    const own = identity === undefined ? null : { ...identity.facts, faults: identity.faults }
    const { status, returnValue, message, eventId } = ended
    const answer = {
      ...address,
      ...look,
      distrust: null,
      instance,
      client: own,
      against: comparison ?? null,
      call: { status, returnValue: returnValue ?? null, message, eventId: eventId ?? null },
      mtlsEnabled: isOn ?? null,
      isLetIn: verdict.isLetIn ?? null,
    }
    io.out.write(`${printableJson(answer, 2)}\n`)
  } else {
    print(io, { address, look, identity, comparison, ended, verdict, instance })
  }
  demandGood(verdict, comparison)
}

/** Whether clients of the instance need a certificate; undefined where the caller may not know that. */
async function mtlsOf(client: ApiClient, instance: string): Promise<boolean | undefined> {
  try {
    const view = await client.json(`/v1/instances/${encodeURIComponent(instance)}`)
    const isOn = memberOf(memberOf(view, 'clientCertificates'), 'mtlsEnabled')
    return typeof isOn === 'boolean' ? isOn : undefined
  } catch (error) {
    if (error instanceof Refused) return undefined
    throw error
  }
}

async function compare(
  io: Surroundings,
  { against }: Options,
  identity: Identity | undefined,
): Promise<Comparison | undefined> {
  if (against === undefined) return undefined
  if (identity === undefined) throw new CliError('BAD_INPUT', '--against wants --certificate and --key')
  const { pem, facts } = await readCertificate(against, 'give only that of the authority')
  const faults = wayFaults(identity.chain, new X509Certificate(pem), io.now())
  return { file: against, facts, faults: [...identity.faults, ...faults] }
}

async function readIdentity(io: Surroundings, { certificate, key }: Options): Promise<Identity | undefined> {
  if ((certificate === undefined) !== (key === undefined)) {
    throw new CliError('BAD_INPUT', '--certificate and --key go together')
  }
  if (certificate === undefined || key === undefined) return undefined
  const chain = await readCertificates(certificate)
  const keyPem = await readPrivateKey(key)
  const [own, ...others] = chain.map((one) => new X509Certificate(one.pem))
  const privateKey = openPrivateKey(keyPem, undefined)
  if (own === undefined || privateKey === undefined || !own.checkPrivateKey(privateKey)) {
    throw new CliError('BAD_INPUT', `${printable(resolve(key))} is not the key of this certificate, or is encrypted`)
  }
  return {
    certificate: chain.map(({ pem }) => pem).join(''),
    key: keyPem,
    facts: chain[0].facts,
    faults: faultsOf(own, io.now()),
    chain: [own, ...others],
  }
}

function faultsOf(certificate: X509Certificate, now: number): string[] {
  return [
    ...(certificate.validFromDate.getTime() > now ? ['It is not valid yet.'] : []),
    ...(certificate.validToDate.getTime() <= now ? ['It has expired: have a new one issued.'] : []),
    ...(isForClients(certificate)
      ? []
      : ['It is not for clients of TLS (extKeyUsage without clientAuth): have one issued that is.']),
    ...(certificate.ca ? ["It is an authority's certificate: a client shows one that it issued."] : []),
  ]
}

interface Shown {
  readonly address: ListenerAddress
  readonly look: ServerLook
  readonly identity: Identity | undefined
  readonly comparison: Comparison | undefined
  readonly ended: Ended
  readonly verdict: Verdict
  readonly instance: string
}

function print(io: Surroundings, { address, look, identity, comparison, ended, verdict, instance }: Shown): void {
  io.out.write(`EP11 at ${printable(addressText(address))}, ${look.protocol}, ${look.cipher}\n`)
  for (const { subject, fingerprint } of look.chain.slice(0, 1)) {
    io.out.write(
      `${rowLines(io, [
        ['subject', subject],
        ['SHA-256', fingerprint],
      ]).join('\n')}\n`,
    )
  }
  if (!look.isNamed) {
    io.out.write(
      `  Its certificate is not for ${printable(address.host)}: clients that compare names will refuse it.\n`,
    )
  }
  io.out.write("\nThe client's certificate\n")
  if (identity === undefined) io.out.write('  none: name one with --certificate and --key\n')
  else io.out.write(`${certificateLines(io, identity.facts).join('\n')}\n`)
  for (const fault of identity?.faults ?? []) io.out.write(`${paragraph(io, fault).join('\n')}\n`)
  if (comparison !== undefined) {
    const { file, facts, faults } = comparison
    io.out.write(`\nAgainst ${printable(file)}, ${printable(facts.subject)}\n`)
    const told = faults.length === 0 ? ['clients with this certificate are let in once that authority is set'] : faults
    for (const one of told) io.out.write(`${paragraph(io, one).join('\n')}\n`)
  }
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
function demandGood({ isLetIn, text, advice }: Verdict, comparison: Comparison | undefined): void {
  if (isLetIn === undefined) throw new CliError('REFUSED', text)
  if (!isLetIn) throw new CliError('VERIFICATION_FAILED', text, advice)
  if (comparison === undefined || comparison.faults.length === 0) return
  throw new CliError(
    'VERIFICATION_FAILED',
    `${printable(comparison.file)} would not let this certificate in`,
    `set the authority that issued it, or have one issued by ${comparison.facts.subject}`,
  )
}
