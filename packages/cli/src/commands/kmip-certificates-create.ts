/** `keywitness kmip certificates create`: a key pair and certificate for trying KMIP; its private key stays here. */
import type { Command } from 'commander'
import { Refused } from '../api-client.ts'
import { CliError } from '../cli-error.ts'
import { examples, wholeNumber, withInstance } from '../command-options.ts'
import { kmipAddress, type KmipAddressOptions, withKmipAddress } from '../kmip/address.ts'
import { clientLines } from '../kmip/client-lines.ts'
import { registerCertificate } from '../kmip/registration.ts'
import { type InstanceOptions, type KmsApi, kmsPath, openKms, type Resource } from '../kms-api.ts'
import { printable, printableJson } from '../printable.ts'
import { memberText } from '../resource-output.ts'
import type { Surroundings } from '../surroundings.ts'
import { factLines, factsOf } from '../tls/certificate-facts.ts'
import { addressText, authorityFile } from '../tls/listener-address.ts'
import { newSelfSigned } from '../tls/new-certificate.ts'
import { type PairFiles, pairFiles, writePair } from '../tls/pair-files.ts'

interface Options extends InstanceOptions, KmipAddressOptions {
  readonly rsa?: boolean
  readonly days: number
  readonly files?: string
  readonly adapter?: string
  readonly json?: boolean
}

export function addKmipCertificatesCreate(certificates: Command, io: Surroundings): void {
  const create = withKmipAddress(withInstance(certificates.command('create')))
    .description('make a key pair and a self-signed certificate for trying KMIP; its private key stays here')
    .argument('<name>', 'common name of the certificate, and its name at the adapter')
    .option('--adapter <adapter>', 'register the certificate at this adapter')
    .option('--files <path>', 'where they go: <path>.pem and <path>.key (default: the name)')
    .option('--rsa', 'RSA with 2048 bits, for old clients, instead of P-256')
    .option('--days <days>', 'for how long it is valid', wholeNumber(1, 3650), 365)
    .option('--json', 'as JSON')
    .action((name: string, options: Options) => createCertificate(io, name, options))
  examples(
    create,
    'kmip certificates create trial --adapter vcenter',
    'kmip certificates create db.example.com --rsa --days 730 --files /etc/mongod/kmip',
  )
}

async function createCertificate(io: Surroundings, commonName: string, options: Options): Promise<void> {
  const { adapter } = options
  const add = (file: string): string =>
    `keywitness kmip certificates add ${adapter === undefined ? '<adapter>' : printable(adapter)} ${printable(file)}`
  const files = await pairFiles(commonName, options.files, (file) => `register what is there: ${add(file)}`)
  const kms = adapter === undefined ? undefined : await openKms(io, options)
  // Before anything is written: a name that is wrong leaves no pair behind.
  if (adapter !== undefined) await kms?.send('GET', kmsPath`/kmip_adapters/${adapter}`)
  const made = newSelfSigned({ commonName, isRsa: options.rsa === true, days: options.days, now: io.now() })
  await writePair(files, made)
  const facts = factsOf(made.certificate)
  if (options.json !== true) {
    io.out.write(`${printable(files.key)}  the private key, 0600: it was sent nowhere\n`)
    io.out.write(`${printable(files.certificate)}  the certificate\n${factLines(facts)}`)
  }
  const registered =
    kms === undefined || adapter === undefined
      ? undefined
      : await register(kms, adapter, commonName, made.certificatePem).catch((error: unknown) => {
          const isTaken = error instanceof Refused && error.reason === 'ALREADY_EXISTS'
          const command = `${add(files.certificate)}${isTaken ? ' --name <another>' : ''}`
          throw withAdvice(error, `the pair is there, and ${command} registers it`)
        })
  if (options.json === true) {
    io.out.write(`${printableJson({ files, ...facts, registered: registered ?? null }, 2)}\n`)
    return
  }
  if (registered !== undefined) {
    const id = printable(memberText(registered, 'id'))
    io.out.write(`${id}  certificate ${printable(memberText(registered, 'name'))} of ${printable(adapter ?? '')}\n`)
  }
  await tellWhatToTry(io, files, registered !== undefined, options)
}

function register(kms: KmsApi, adapter: string, commonName: string, pem: string): Promise<Resource> {
  const isName = /^[A-Za-z0-9_-]{2,40}$/.test(commonName)
  return registerCertificate(kms, adapter, { pem, name: isName ? commonName : undefined })
}

/** A failure with what to do besides, or instead of what it says itself. */
function withAdvice(error: unknown, more: string): unknown {
  if (!(error instanceof CliError)) return error
  const advice = error.advice === undefined ? more : `${error.advice}; ${more}`
  return new CliError(error.code, error.message, advice)
}

async function tellWhatToTry(
  io: Surroundings,
  files: PairFiles,
  isRegistered: boolean,
  options: Options,
): Promise<void> {
  if (!isRegistered) {
    io.out.write(`\nLet its owner in:\n  keywitness kmip certificates add <adapter> ${printable(files.certificate)}\n`)
  }
  const address = await kmipAddress(io, options)
  const authority = (await authorityFile(io, options.ca)) ?? '<ca.pem>'
  const settings = { address, authority, ...files }
  const [check = ''] = clientLines('openssl', settings)
  const { certificate, key } = files
  io.out.write(
    `\nTry it:\n  keywitness kmip connect --kmip ${addressText(address)} --certificate ${printable(certificate)} --key ${printable(key)}\n`,
  )
  io.out.write(`  ${printable(check)}\n\nFor PyKMIP, in ~/.pykmip/pykmip.conf:\n`)
  for (const line of clientLines('pykmip', settings)) io.out.write(`  ${printable(line)}\n`)
}
