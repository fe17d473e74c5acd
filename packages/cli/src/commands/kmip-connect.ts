/** `keywitness kmip connect`: what a client will see at the KMIP address, whether it is let in, and what to tell it. */
import { resolve } from 'node:path'
import { type Command, Option } from 'commander'
import { CliError } from '../cli-error.ts'
import { examples, withInstance } from '../command-options.ts'
import { kmipAddress, type KmipAddressOptions, withKmipAddress } from '../kmip/address.ts'
import { type Client, clientLines, clients } from '../kmip/client-lines.ts'
import { type Hello, sayHello } from '../kmip/hello.ts'
import { adapterOfCertificate, type RootKey, rootKeyOf, rootKeyText, rootKeyTrouble } from '../kmip/root-key.ts'
import { type InstanceOptions, openKms } from '../kms-api.ts'
import { printable, printableJson } from '../printable.ts'
import { memberText } from '../resource-output.ts'
import type { Surroundings } from '../surroundings.ts'
import { type CertificateFacts, factLines, readCertificate, withColons } from '../tls/certificate-facts.ts'
import { addressText, authorityFile, type ListenerAddress } from '../tls/listener-address.ts'
import { readPrivateKey } from '../tls/private-key-file.ts'
import { lookOf, type ServerLook, withTls } from '../tls/server-look.ts'

interface Options extends KmipAddressOptions, InstanceOptions {
  readonly certificate?: string
  readonly key?: string
  readonly for: Client
  readonly json?: boolean
}

interface Authority {
  readonly file: string
  readonly pem: string
  readonly facts: CertificateFacts
}

type ShownClient = Hello & CertificateFacts

/** What is behind the certificate of a client that is let in. */
interface Behind {
  /** Name of the adapter; undefined where it was not found. */
  readonly adapter: string | undefined
  readonly root: RootKey
}

interface Shown {
  readonly address: ListenerAddress
  readonly authority: Authority | undefined
  readonly look: ServerLook
  /** What the server thinks of the client's certificate; undefined when none was given. */
  readonly client: ShownClient | undefined
  readonly behind: Behind | undefined
}

/** Offered where no KMIP is spoken: a listener for HTTP or gRPC takes one of these, one for KMIP none. */
const otherProtocols = ['h2', 'http/1.1']

export function addKmipConnect(kmip: Command, io: Surroundings): void {
  const connect = withKmipAddress(withInstance(kmip.command('connect')))
    .description(
      'what a client will see at the KMIP address, whether it is let in by an active root key, and what to tell it',
    )
    .option(
      '--certificate <file>',
      "a client's certificate: sign in with it, which the server records if it is refused",
    )
    .option('--key <file>', 'its private key, PEM')
    .addOption(new Option('--for <client>', 'what to tell which client').choices(clients).default('vcenter'))
    .option('--json', 'as JSON')
    .action((options: Options) => connectClient(io, options))
  examples(
    connect,
    'kmip connect',
    'kmip connect --kmip kmip.example.com:5696 --ca ca.pem --for mongodb',
    'kmip connect --certificate trial.pem --key trial.key --for pykmip',
  )
}

async function connectClient(io: Surroundings, options: Options): Promise<void> {
  if ((options.certificate === undefined) !== (options.key === undefined)) {
    throw new CliError('BAD_INPUT', '--certificate and --key go together')
  }
  const address = await kmipAddress(io, options)
  const authority = await readAuthority(io, options)
  const own = options.certificate === undefined ? undefined : await readCertificate(options.certificate)
  const identity =
    own === undefined ? undefined : { certificate: own.pem, key: await readPrivateKey(options.key ?? '') }
  const wish = {
    what: 'KMIP',
    address,
    authority: authority?.pem,
    ...(identity === undefined ? { protocols: otherProtocols } : { identity }),
  }
  const { look, hello } = await withTls(io, wish, async (socket) => {
    demandNoOther(address, socket.alpnProtocol)
    return { look: lookOf(socket, address), hello: identity === undefined ? undefined : await sayHello(io, socket) }
  })
  const client = own === undefined || hello === undefined ? undefined : { ...own.facts, ...hello }
  const behind = client?.isKnown === true ? await lookBehind(io, client, options) : undefined
  const shown = { address, authority, look, client, behind }
  if (options.json === true) io.out.write(`${printableJson(jsonOf(shown), 2)}\n`)
  else print(io, shown, options)
  demandGood(io, shown)
}

/** @throws CliError `VERIFICATION_FAILED` */
function demandNoOther(address: ListenerAddress, chosen: string | false | null): void {
  if (typeof chosen !== 'string') return
  const what = `what listens at ${printable(addressText(address))} speaks HTTP (${printable(chosen)}), not KMIP`
  throw new CliError(
    'VERIFICATION_FAILED',
    what,
    'check the port: that of KMIP is 5696 unless the server says otherwise',
  )
}

/** The root key is known to the API only: clients learn of it when a key is refused. */
async function lookBehind(io: Surroundings, { fingerprint }: CertificateFacts, options: Options): Promise<Behind> {
  try {
    const kms = await openKms(io, options)
    const adapter = await adapterOfCertificate(kms, fingerprint)
    return { adapter: memberText(adapter, 'name'), root: await rootKeyOf(kms, adapter) }
  } catch (error) {
    if (!(error instanceof CliError) || error.code === 'INTERRUPTED') throw error
    return { adapter: undefined, root: { id: '', name: '', state: undefined, reason: error.message } }
  }
}

async function readAuthority(io: Surroundings, options: KmipAddressOptions): Promise<Authority | undefined> {
  const file = await authorityFile(io, options.ca)
  return file === undefined ? undefined : { file, ...(await readCertificate(file)) }
}

function jsonOf({ address, authority, look, client, behind }: Shown): object {
  return {
    ...address,
    ...look,
    distrust: look.distrust ?? null,
    authority: authority === undefined ? null : { file: authority.file, ...authority.facts },
    client: client === undefined ? null : { ...client, reason: client.reason ?? null, message: client.message ?? null },
    rootKey:
      behind === undefined
        ? null
        : {
            adapter: behind.adapter ?? null,
            ...behind.root,
            state: behind.root.state ?? null,
            reason: behind.root.reason ?? null,
          },
  }
}

function print(io: Surroundings, shown: Shown, options: Options): void {
  const { address, authority, look, client, behind } = shown
  const what = client?.isKmip === true ? 'KMIP' : 'TLS'
  const [own, ...above] = look.chain
  io.out.write(`${what} at ${printable(addressText(address))}, ${look.protocol}, ${look.cipher}\n`)
  if (client === undefined) {
    io.out.write('  Only TLS was tried: whether KMIP is spoken there shows with --certificate and --key.\n')
  }
  io.out.write(`\nThe server's certificate, as every client sees it\n${own === undefined ? '' : factLines(own)}`)
  if (!look.isNamed) {
    io.out.write(`  It is not for ${printable(address.host)}: clients that compare names will refuse it.\n`)
  }
  for (const { subject, fingerprint } of above) {
    io.out.write(`  issued by ${printable(subject)}, SHA-256 ${withColons(fingerprint)}\n`)
  }
  io.out.write('\nIts authority, which clients are given as a file\n')
  if (authority === undefined) io.out.write('  not known here: name its file with --ca\n')
  else io.out.write(`  file     ${printable(authority.file)}\n${factLines(authority.facts)}`)
  if (client !== undefined) {
    const verdict = client.isKnown ? 'the server lets it in' : `the server does not let it in: ${refusalText(client)}`
    io.out.write(`\nThe client's certificate\n${factLines(client)}  ${printable(verdict)}\n`)
  }
  if (behind !== undefined) io.out.write(behindLines(behind))
  const settings = {
    address,
    authority: authority?.file ?? '<ca.pem>',
    certificate: options.certificate === undefined ? '<client.pem>' : resolve(options.certificate),
    key: options.key === undefined ? '<client.key>' : resolve(options.key),
  }
  io.out.write(`\nWhat to tell ${options.for}\n`)
  for (const line of clientLines(options.for, settings)) io.out.write(`  ${printable(line)}\n`)
}

function behindLines({ adapter, root }: Behind): string {
  if (adapter === undefined) {
    return `  only the API tells whether the root key behind it is active, and it did not: ${printable(root.reason ?? '')}\n`
  }
  const key = root.name === '' ? root.id : `${root.name} (${root.id})`
  return `  adapter  ${printable(adapter)}\n  root key ${printable(key)}, ${printable(rootKeyText(root))}\n`
}

/** The result reason, and the server's own sentence. */
function refusalText({ reason, message }: Hello): string {
  return [reason, message].filter((text) => text !== undefined && text !== '').join(': ')
}

/** @throws CliError `VERIFICATION_FAILED` when a client could not work with this */
function demandGood(io: Surroundings, { authority, look, client, behind }: Shown): void {
  if (authority !== undefined && look.distrust !== undefined) {
    throw new CliError(
      'VERIFICATION_FAILED',
      `${printable(authority.file)} does not vouch for the server's certificate: ${look.distrust}`,
      'it may be another server that answers',
    )
  }
  if (client !== undefined && !client.isKnown) {
    const what = `the server does not let this client in: ${refusalText(client)}`
    throw new CliError('VERIFICATION_FAILED', what, remedyFor(client, io.now()))
  }
  const trouble = behind === undefined ? undefined : rootKeyTrouble(behind.root)
  if (trouble === undefined) return
  const what = `the server lets this client in, but its root key ${trouble.text}`
  throw new CliError('VERIFICATION_FAILED', what, trouble.advice)
}

/** What to do for a client that is not let in; undefined where the server's sentence is all there is to say. */
function remedyFor({ message = '', reason, isKmip, validFrom, validTo }: ShownClient, now: number): string | undefined {
  if (Date.parse(validTo) <= now || /too weak/i.test(message)) {
    return 'give it a new one: keywitness kmip certificates create <name> --adapter <adapter> makes and registers one'
  }
  if (Date.parse(validFrom) > now) return `wait until ${validFrom}, or compare the clocks`
  if (/expired|not valid yet/i.test(message)) return 'it has not, by the clock of this machine: compare the clocks'
  if (/permission denied/i.test(reason ?? '')) return undefined
  if (!isKmip)
    return 'check the port; or else let its certificate in: keywitness kmip certificates add <adapter> <file>'
  return 'keywitness kmip certificates add <adapter> <file> registers its certificate'
}
