/** `keywitness cert make-ca` and `make-client`: an authority and certificates of its clients, for trying mutual TLS out. */
import { X509Certificate } from 'node:crypto'
import type { Command } from 'commander'
import { openPrivateKey } from '../cert/encrypted-key.ts'
import { CliError } from '../cli-error.ts'
import { examples, wholeNumber } from '../command-options.ts'
import { printable, printableJson } from '../printable.ts'
import type { Surroundings } from '../surroundings.ts'
import { paragraph } from '../text-lines.ts'
import { certificateLines, demandUnexpired, factsOf, readCertificate } from '../tls/certificate-facts.ts'
import { isAuthority } from '../tls/client-authority.ts'
import { type Issuer, type KeyPair, newAuthority, newClientOf } from '../tls/new-certificate.ts'
import { type PairFiles, pairFiles, writePair } from '../tls/pair-files.ts'
import { readPrivateKey } from '../tls/private-key-file.ts'

interface MakeOptions {
  readonly files?: string
  readonly rsa?: boolean
  readonly days: number
  readonly json?: boolean
}

interface ClientOptions extends MakeOptions {
  readonly ca: string
  readonly caKey: string
}

const trial =
  'For trying it out only: of an authority that counts keep the key off this machine, and write down who gets a certificate.'

export function addCertMake(cert: Command, io: Surroundings): void {
  const authority = withMake(cert.command('make-ca'))
    .description('for trying it out: make an authority that signs certificates of clients; its private key stays here')
    .argument('<name>', 'common name of the authority')
    .action(async (commonName: string, options: MakeOptions) => {
      const files = await pairFiles(commonName, options.files)
      const { rsa, days } = options
      const pair = newAuthority({ commonName, isRsa: rsa === true, days, now: io.now() })
      await tell(io, options, files, pair)
      if (options.json === true) return
      const file = printable(files.certificate)
      io.err.write(
        `\n${paragraph(io, trial, '').join('\n')}\n\nLet in clients whose certificates it issued, and nobody else:\n`,
      )
      io.err.write(`  keywitness cert set --cert-id ${printable(idOf(commonName))} --cert ${file}\n`)
    })
  examples(authority, 'cert make-ca trial-ca', 'cert make-ca "Trial CA" --files trial/ca --days 30')

  const client = withMake(cert.command('make-client'))
    .description('for trying it out: make a key pair and a certificate of a client; its private key stays here')
    .argument('<name>', 'common name of the client')
    .requiredOption('--ca <file>', 'certificate of the authority')
    .requiredOption('--ca-key <file>', 'its private key, PEM, not encrypted')
    .action(async (commonName: string, options: ClientOptions) => {
      const issuer = await issuerOf(io, options)
      const files = await pairFiles(commonName, options.files)
      const { rsa, days } = options
      const pair = newClientOf(issuer, { commonName, isRsa: rsa === true, days, now: io.now() })
      await tell(io, options, files, pair)
      if (options.json === true) return
      const { certificate, key } = files
      io.err.write(
        [
          '\nTry it, by the API key of a program that uses keys:',
          `  keywitness cert connect --api-key-file FILE --certificate ${printable(certificate)} --key ${printable(key)}\n`,
        ].join('\n'),
      )
    })
  examples(client, 'cert make-client trial --ca trial-ca.pem --ca-key trial-ca.key')
}

function withMake(command: Command): Command {
  return command
    .option('--files <path>', 'where they go: <path>.pem and <path>.key (default: the name)')
    .option('--rsa', 'RSA with 2048 bits, for old clients, instead of P-256')
    .option('--days <days>', 'for how long it is valid', wholeNumber(1, 3650), 365)
    .option('--json', 'as JSON')
}

async function tell(io: Surroundings, { json }: MakeOptions, files: PairFiles, pair: KeyPair): Promise<void> {
  await writePair(files, pair)
  const facts = factsOf(pair.certificate)
  if (json === true) {
    io.out.write(`${printableJson({ files, ...facts }, 2)}\n`)
    return
  }
  io.out.write(`${printable(files.key)}  the private key, 0600: it was sent nowhere\n`)
  io.out.write(`${printable(files.certificate)}  the certificate\n${certificateLines(io, facts).join('\n')}\n`)
}

/** @throws CliError `BAD_INPUT` when it can issue nothing that anybody would take */
async function issuerOf(io: Surroundings, { ca, caKey }: ClientOptions): Promise<Issuer> {
  const { pem, facts } = await readCertificate(ca, 'give only that of the authority which is to sign')
  demandUnexpired(io, facts)
  const key = openPrivateKey(await readPrivateKey(caKey), undefined)
  if (key === undefined) {
    throw new CliError('BAD_INPUT', `${printable(caKey)} holds no private key that opens without a passphrase`)
  }
  const certificate = new X509Certificate(pem)
  if (!isAuthority(certificate)) {
    throw new CliError(
      'BAD_INPUT',
      `${printable(ca)} is not the certificate of an authority: what it signs is let in nowhere`,
      facts.issuer === facts.subject ? 'keywitness cert make-ca makes one' : `give that of its issuer: ${facts.issuer}`,
    )
  }
  if (!certificate.checkPrivateKey(key)) {
    throw new CliError('BAD_INPUT', `${printable(caKey)} is not the key of ${printable(ca)}`)
  }
  return { certificate: certificate.raw, key }
}

/** An id that the server takes, of a name that may hold anything. */
function idOf(commonName: string): string {
  return commonName.replaceAll(/[^A-Za-z0-9._-]+/g, '-').slice(0, 64)
}
