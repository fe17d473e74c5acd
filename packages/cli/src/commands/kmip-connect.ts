/** `keywitness kmip connect`: what a client will see at the KMIP address, whether it is let in, and what to tell it. */
import { resolve } from 'node:path'
import { type Command, Option } from 'commander'
import { CliError } from '../cli-error.ts'
import { examples } from '../command-options.ts'
import { kmipAddress, type KmipAddressOptions, withKmipAddress } from '../kmip/address.ts'
import { type Client, clientLines, clients } from '../kmip/client-lines.ts'
import { type Hello, sayHello } from '../kmip/hello.ts'
import { printable, printableJson } from '../printable.ts'
import type { Surroundings } from '../surroundings.ts'
import { type CertificateFacts, factLines, readCertificate, withColons } from '../tls/certificate-facts.ts'
import { addressText, authorityFile, type ListenerAddress } from '../tls/listener-address.ts'
import { readPrivateKey } from '../tls/private-key-file.ts'
import { lookOf, type ServerLook, withTls } from '../tls/server-look.ts'

interface Options extends KmipAddressOptions {
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

interface Shown {
  readonly address: ListenerAddress
  readonly authority: Authority | undefined
  readonly look: ServerLook
  /** What the server thinks of the client's certificate; undefined when none was given. */
  readonly client: (Hello & CertificateFacts) | undefined
}

export function addKmipConnect(kmip: Command, io: Surroundings): void {
  const connect = withKmipAddress(kmip.command('connect'))
    .description('what a client will see at the KMIP address, whether it is let in, and what to tell it')
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
  const wish = { what: 'KMIP', address, authority: authority?.pem, ...(identity === undefined ? {} : { identity }) }
  const { look, hello } = await withTls(io, wish, async (socket) => ({
    look: lookOf(socket, address),
    hello: identity === undefined ? undefined : await sayHello(io, socket),
  }))
  const client = own === undefined || hello === undefined ? undefined : { ...own.facts, ...hello }
  const shown = { address, authority, look, client }
  if (options.json === true) io.out.write(`${printableJson(jsonOf(shown), 2)}\n`)
  else print(io, shown, options)
  demandGood(shown)
}

async function readAuthority(io: Surroundings, options: KmipAddressOptions): Promise<Authority | undefined> {
  const file = await authorityFile(io, options.ca)
  return file === undefined ? undefined : { file, ...(await readCertificate(file)) }
}

function jsonOf({ address, authority, look, client }: Shown): object {
  return {
    ...address,
    ...look,
    distrust: look.distrust ?? null,
    authority: authority === undefined ? null : { file: authority.file, ...authority.facts },
    client: client === undefined ? null : { ...client, reason: client.reason ?? null },
  }
}

function print(io: Surroundings, shown: Shown, options: Options): void {
  const { address, authority, look, client } = shown
  const [own, ...above] = look.chain
  io.out.write(`KMIP at ${printable(addressText(address))}, ${look.protocol}, ${look.cipher}\n`)
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
    const verdict = client.isKnown ? 'the server lets it in' : `the server does not let it in: ${client.reason}`
    io.out.write(`\nThe client's certificate\n${factLines(client)}  ${verdict}\n`)
  }
  const settings = {
    address,
    authority: authority?.file ?? '<ca.pem>',
    certificate: options.certificate === undefined ? '<client.pem>' : resolve(options.certificate),
    key: options.key === undefined ? '<client.key>' : resolve(options.key),
  }
  io.out.write(`\nWhat to tell ${options.for}\n`)
  for (const line of clientLines(options.for, settings)) io.out.write(`  ${printable(line)}\n`)
}

/** @throws CliError `VERIFICATION_FAILED` when a client could not work with this */
function demandGood({ authority, look, client }: Shown): void {
  if (authority !== undefined && look.distrust !== undefined) {
    throw new CliError(
      'VERIFICATION_FAILED',
      `${printable(authority.file)} does not vouch for the server's certificate: ${look.distrust}`,
      'it may be another server that answers',
    )
  }
  if (client === undefined || client.isKnown) return
  throw new CliError(
    'VERIFICATION_FAILED',
    `the server does not let this client in: ${client.reason}`,
    'keywitness kmip certificates add <adapter> <file> registers its certificate',
  )
}
