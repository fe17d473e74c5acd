/** `keywitness kmip certificates list`, `add`, `show` and `delete`: who may use a KMIP adapter. */
import type { Command } from 'commander'
import { CliError } from '../cli-error.ts'
import { examples, withInstance } from '../command-options.ts'
import { endStyle, endText, shortFingerprint, standingText } from '../kmip/certificate-columns.ts'
import { registerCertificate } from '../kmip/registration.ts'
import { type InstanceOptions, kmsPath, openKms, type Resource } from '../kms-api.ts'
import { makeSure } from '../make-sure.ts'
import { printable, printableJson } from '../printable.ts'
import { memberText, printList, printOne } from '../resource-output.ts'
import type { Surroundings } from '../surroundings.ts'
import {
  type CertificateFacts,
  demandUnexpired,
  factLines,
  factsOf,
  readCertificate,
  withColons,
} from '../tls/certificate-facts.ts'

interface Options extends InstanceOptions {
  readonly json?: boolean
}

interface DeleteOptions extends InstanceOptions {
  readonly yes?: boolean
}

interface AddOptions extends Options {
  readonly name?: string
  readonly fingerprint?: string
  readonly yes?: boolean
}

export function addKmipCertificates(certificates: Command, io: Surroundings): void {
  const list = withInstance(certificates.command('list'))
    .description('the client certificates of a KMIP adapter')
    .argument('<adapter>', "the adapter's id or name")
    .option('--json', 'as JSON')
    .action(async (adapter: string, options: Options) => {
      const path = kmsPath`/kmip_adapters/${adapter}/certificates`
      const found = await (await openKms(io, options)).resources('GET', path, { query: { limit: 200 } })
      printList(io, options.json, 'certificates', found, [
        { title: 'id' },
        { title: 'name', isWide: true },
        { title: 'ends', of: (certificate) => endText(io, certificate), style: (one) => endStyle(io, one) },
        { title: 'SHA-256', of: (certificate) => shortFingerprint(io, certificate), isExtra: true },
        { title: 'created', of: (certificate) => memberText(certificate, 'created_at'), isExtra: true },
      ])
    })
  examples(list, 'kmip certificates list vcenter')

  const add = withInstance(certificates.command('add'))
    .description('let the owner of a certificate use every object of a KMIP adapter')
    .argument('<adapter>', "the adapter's id or name")
    .argument('<file>', 'the certificate, PEM or DER (- is the standard input)')
    .option('--name <name>', 'what it is called: letters, digits, - and _')
    .option('--fingerprint <sha256>', 'the fingerprint it must have; then nobody is asked')
    .option('--yes', 'the certificate is the right one')
    .option('--json', 'as JSON')
    .action((adapter: string, file: string, options: AddOptions) => addCertificate(io, adapter, file, options))
  examples(
    add,
    'kmip certificates add vcenter host.pem --name host-1',
    'kmip certificates add vcenter host.pem --fingerprint 9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08',
  )

  const show = withInstance(certificates.command('show'))
    .description('one client certificate of a KMIP adapter')
    .argument('<adapter>', "the adapter's id or name")
    .argument('<certificate>', 'its id or name')
    .option('--json', 'as JSON')
    .action(async (adapter: string, certificate: string, options: Options) => {
      const path = kmsPath`/kmip_adapters/${adapter}/certificates/${certificate}`
      const found = withFacts(await (await openKms(io, options)).resource('GET', path))
      printOne(io, options.json, options.json === true ? found : { ...found, standing: standingText(io, found) })
    })
  examples(show, 'kmip certificates show vcenter host-1')

  const remove = withInstance(certificates.command('delete'))
    .description('cut the owner of a certificate off, at once; the objects it made stay')
    .argument('<adapter>', "the adapter's id or name")
    .argument('<certificate>', 'its id or name')
    .option('--yes', 'this is meant')
    .action((adapter: string, certificate: string, options: DeleteOptions) =>
      deleteCertificate(io, adapter, certificate, options),
    )
  examples(remove, 'kmip certificates delete vcenter host-1', 'kmip certificates delete vcenter host-1 --yes')
}

async function deleteCertificate(
  io: Surroundings,
  adapter: string,
  certificate: string,
  options: DeleteOptions,
): Promise<void> {
  const what = `deleting certificate ${printable(certificate)} cuts its owner off adapter ${printable(adapter)} at once`
  if (options.yes === true || io.confirm === undefined) await makeSure(io, what, options.yes)
  const kms = await openKms(io, options)
  const path = kmsPath`/kmip_adapters/${adapter}/certificates/${certificate}`
  if (options.yes !== true) {
    const found = await kms.resource('GET', path)
    const facts = readFacts(found)
    io.err.write(`certificate ${printable(memberText(found, 'name'))}\n${facts === undefined ? '' : factLines(facts)}`)
    await makeSure(io, what, undefined)
  }
  await kms.send('DELETE', path)
  io.out.write(`deleted ${printable(certificate)}: its owner is cut off from now on\n`)
}

async function addCertificate(io: Surroundings, adapter: string, file: string, options: AddOptions): Promise<void> {
  const { pem, facts } = await readCertificate(file)
  demandUnexpired(io, facts)
  io.err.write(factLines(facts))
  if (options.fingerprint === undefined) {
    const what = `whoever has the key of this certificate can take every key of adapter ${printable(adapter)} out`
    if (options.yes !== true && io.confirm !== undefined) {
      io.err.write('Compare the fingerprint with what its owner tells you, by another way than this file came.\n')
    }
    await makeSure(io, what, options.yes)
  } else {
    demandFingerprint(facts, options.fingerprint)
  }
  const made = await registerCertificate(await openKms(io, options), adapter, { pem, name: options.name })
  if (options.json === true) io.out.write(`${printableJson(withFacts(made), 2)}\n`)
  else io.out.write(`${printable(memberText(made, 'id'))}  certificate ${printable(memberText(made, 'name'))}\n`)
}

/** Written in any way that programs write it. */
function demandFingerprint({ fingerprint }: CertificateFacts, wanted: string): void {
  const hex = wanted.replaceAll(/[:\s]|^sha-?256[= ]*/gi, '').toLowerCase()
  if (!/^[0-9a-f]{64}$/.test(hex)) {
    throw new CliError('BAD_INPUT', 'a SHA-256 fingerprint has 64 hexadecimal digits')
  }
  if (hex === fingerprint) return
  throw new CliError(
    'BAD_INPUT',
    `the certificate has another fingerprint: ${withColons(fingerprint)}`,
    'nothing was changed; ask its owner which one is right',
  )
}

/** A certificate as the service describes it, and what can be read from it where the service does not say so. */
function withFacts(resource: Resource): Resource {
  const { certificate: pem, ...rest } = resource
  const facts = readFacts(resource)
  if (facts === undefined) return resource
  const { subject, validFrom, validTo, fingerprint } = facts
  return { ...rest, subject, notBefore: validFrom, notAfter: validTo, fingerprint, certificate: pem }
}

function readFacts({ certificate: pem }: Resource): CertificateFacts | undefined {
  try {
    return typeof pem === 'string' ? factsOf(Buffer.from(pem)) : undefined
  } catch {
    return undefined
  }
}
