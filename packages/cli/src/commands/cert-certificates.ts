/** `keywitness cert set`, `list`, `get` and `delete`: the certificates that clients of EP11 must be issued by. */
import { X509Certificate } from 'node:crypto'
import type { Command } from 'commander'
import { agree, groundRows } from '../cert/agreement.ts'
import { listAll } from '../cert/all-certificates.ts'
import { type Enforcement, type HeldCertificate, openCerts } from '../cert/cert-api.ts'
import { certificateColumns } from '../cert/certificate-columns.ts'
import {
  consequencesOfDelete,
  consequencesOfSet,
  enforcementText,
  meanwhileText,
  othersText,
  timeWarning,
} from '../cert/consequences.ts'
import {
  certIdForm,
  type CertOptions,
  demandCertId,
  type SignedOptions,
  signingKeyFor,
  withCert,
  withSigning,
} from '../cert/options.ts'
import { settled } from '../cert/settled.ts'
import { CliError } from '../cli-error.ts'
import { examples } from '../command-options.ts'
import { putNew } from '../durable-file.ts'
import { inputName } from '../input-file.ts'
import { printable, printableJson } from '../printable.ts'
import { printList } from '../resource-output.ts'
import { paint, type Surroundings } from '../surroundings.ts'
import { fileText, paragraph, type Row, rowLines, timeText } from '../text-lines.ts'
import { type CertificateFacts, certificateRows, demandUnexpired, readCertificate } from '../tls/certificate-facts.ts'
import { isAuthority } from '../tls/client-authority.ts'

interface SetOptions extends SignedOptions {
  readonly certId: string
  readonly cert: string
}

interface ListOptions extends CertOptions {
  readonly pem?: boolean
  readonly all?: boolean
}

interface GetOptions extends CertOptions {
  readonly certId: string
  readonly certStoreFile?: string
}

interface DeleteOptions extends SignedOptions {
  readonly certId: string
}

const idHelp = `what you call it: ${certIdForm}`
const wrongFile = 'give the certificate of the authority that signs those of clients, and nothing above or below it'

export function addCertCertificates(cert: Command, io: Surroundings): void {
  const set = withSigning(cert.command('set'))
    .description('let clients in whose certificates this one issued; the first one shuts all others out')
    .requiredOption('--cert-id <id>', idHelp)
    .requiredOption('--cert <file>', 'the certificate of the authority that signs those of clients, PEM or DER')
    .action((options: SetOptions) => setCertificate(io, options))
  examples(
    set,
    'cert set --cert-id clients-2026 --cert clients-ca.pem',
    'cert set --cert-id clients-2026 --cert clients-ca.pem --admin-priv-key /media/usb/ana.priv --yes',
  )

  const list = withCert(cert.command('list'))
    .description('your certificates, and whether clients need one')
    .option('--all', 'those of all administrators, and whose they are; the role Auditor on the tracker suffices')
    .option('--pem', 'each as PEM')
    .action((options: ListOptions) => listCertificates(io, options))
  examples(list, 'cert list', 'cert list --pem', 'cert list --all')

  const get = withCert(cert.command('get'))
    .description('one of your certificates as PEM')
    .requiredOption('--cert-id <id>', 'which one')
    .option('--cert-store-file <file>', 'write it to this file, which must not be there')
    .action((options: GetOptions) => getCertificate(io, options))
  examples(get, 'cert get --cert-id clients-2026', 'cert get --cert-id clients-2026 --cert-store-file clients-ca.pem')

  const remove = withSigning(cert.command('delete'))
    .description('shut out clients whose certificates this one issued; the last one lets everybody in again')
    .requiredOption('--cert-id <id>', 'which one')
    .action((options: DeleteOptions) => deleteCertificate(io, options))
  examples(remove, 'cert delete --cert-id clients-2026')
}

async function setCertificate(io: Surroundings, options: SetOptions): Promise<void> {
  const { certId } = options
  demandCertId(certId)
  const { pem, facts } = await readCertificate(options.cert, wrongFile)
  demandAuthority(options.cert, pem, facts)
  demandUnexpired(io, facts)
  const api = await openCerts(io, options)
  const before = await api.certificates()
  if (before.certs.some((one) => one.certId === certId && one.fingerprint === facts.fingerprint)) {
    return tellSame(io, options, before, facts)
  }
  const signer = await signingKeyFor(io, api, options)
  const warning = timeWarning({ notBefore: facts.validFrom, notAfter: facts.validTo }, io.now())
  await agree(io, options, {
    title: `Sets certificate ${certId}:`,
    rows: [...groundRows(api.ground), ...certificateRows(io, facts), ['signed by', fileText(io, signer.where)]],
    consequences: [...consequencesOfSet(before, certId), ...(warning === undefined ? [] : [`Mind that ${warning}.`])],
  })
  const answer = await settled(api.setCertificate(certId, pem, signer), {
    find: async () => {
      const now = await api.certificates()
      const found = now.certs.find((one) => one.certId === certId && one.fingerprint === facts.fingerprint)
      const created = !before.certs.some((one) => one.certId === certId)
      return found === undefined ? undefined : { ...now, created, fingerprint: found.fingerprint, warnings: [] }
    },
    look: 'keywitness cert list',
  })
  const { mtlsEnabled, generation, created, warnings } = answer
  if (options.json === true) {
    const shown = { certId, fingerprint: answer.fingerprint, created, warnings, mtlsEnabled, generation }
    io.out.write(`${printableJson(shown, 2)}\n`)
    return
  }
  io.out.write(`${printable(certId)}  ${created ? 'set' : 'replaced'}\n`)
  // What was said before is not said again.
  for (const one of warning === undefined ? warnings : [])
    io.err.write(`${paint(io, 'yellow', '!', io.err)} ${printable(one)}\n`)
  tellAfter(io, before, answer)
}

/** What the server would refuse is told before anybody is asked for a passphrase. @throws CliError `BAD_INPUT` */
function demandAuthority(file: string, pem: string, { subject, issuer }: CertificateFacts): void {
  if (isAuthority(new X509Certificate(pem))) return
  throw new CliError(
    'BAD_INPUT',
    `${printable(inputName(file))} is not the certificate of an authority but that of ${subject}`,
    issuer === subject
      ? 'it was issued by itself: clients need certificates of an authority'
      : `give the certificate of its issuer: ${issuer}`,
  )
}

/** The same certificate in force under the same id: no command is made of it. */
function tellSame(
  io: Surroundings,
  { certId, json }: SetOptions,
  { mtlsEnabled, generation }: Enforcement,
  { fingerprint }: CertificateFacts,
): void {
  if (json === true) {
    const shown = { certId, fingerprint, created: false, warnings: [], mtlsEnabled, generation }
    io.out.write(`${printableJson(shown, 2)}\n`)
    return
  }
  io.out.write(`${printable(certId)}  nothing to do: the same certificate is in force there\n`)
}

async function deleteCertificate(io: Surroundings, options: DeleteOptions): Promise<void> {
  const { certId } = options
  const api = await openCerts(io, options)
  const before = await api.certificates()
  const going = before.certs.find((one) => one.certId === certId)
  if (going === undefined) throw noSuch(certId)
  const signer = await signingKeyFor(io, api, options)
  await agree(io, options, {
    title: `Deletes certificate ${certId}:`,
    rows: [...groundRows(api.ground), ...heldRows(io, going), ['signed by', fileText(io, signer.where)]],
    consequences: consequencesOfDelete(before, certId),
  })
  const after = await settled<Enforcement>(api.deleteCertificate(certId, signer), {
    find: async () => {
      const now = await api.certificates()
      return now.certs.some((one) => one.certId === certId) ? undefined : now
    },
    look: 'keywitness cert list',
  })
  const { mtlsEnabled, generation } = after
  if (options.json === true) {
    io.out.write(`${printableJson({ certId, fingerprint: going.fingerprint, mtlsEnabled, generation }, 2)}\n`)
    return
  }
  io.out.write(`${printable(certId)}  deleted\n`)
  tellAfter(io, before, after)
}

function tellAfter(io: Surroundings, before: Enforcement, after: Enforcement): void {
  const isTurn = before.mtlsEnabled !== after.mtlsEnabled
  const text = enforcementText(before, after)
  for (const line of paragraph(io, text, '')) io.out.write(`${isTurn ? paint(io, 'bold', line) : line}\n`)
  const meanwhile = meanwhileText(before, after)
  if (meanwhile !== undefined) io.err.write(`${paint(io, 'yellow', '!', io.err)} ${meanwhile}\n`)
}

async function listCertificates(io: Surroundings, options: ListOptions): Promise<void> {
  if (options.all === true) return listAll(io, options)
  const held = await (await openCerts(io, options)).certificates()
  if (options.json === true) {
    io.out.write(`${printableJson(held, 2)}\n`)
    return
  }
  if (options.pem === true) {
    for (const { certId, certificate } of held.certs) io.out.write(`${printable(certId)}\n${pemLines(certificate)}`)
    return
  }
  if (held.certs.length === 0 && io.out.isTerminal) io.out.write('none\n')
  else
    printList(
      io,
      false,
      'certs',
      held.certs.map((one) => ({ ...one })),
      certificateColumns(io),
    )
  if (!io.out.isTerminal) return
  const text = `${enforcementText(undefined, held)} ${othersText}`
  io.err.write(`${paragraph(io, text, '').join('\n')}\n`)
}

async function getCertificate(io: Surroundings, options: GetOptions): Promise<void> {
  const { certId, certStoreFile } = options
  const held = await (await openCerts(io, options)).certificate(certId)
  if (certStoreFile !== undefined) await store(certStoreFile, held.certificate)
  if (options.json === true) {
    io.out.write(`${printableJson({ ...held, file: certStoreFile ?? null }, 2)}\n`)
  } else if (certStoreFile === undefined) {
    io.out.write(pemLines(held.certificate))
  } else {
    io.out.write(`${printable(certStoreFile)}\n${rowLines(io, heldRows(io, held)).join('\n')}\n`)
  }
}

async function store(file: string, pem: string): Promise<void> {
  const isNew = await putNew(file, pem, 0o644).catch((error: NodeJS.ErrnoException) => {
    throw new CliError('BAD_INPUT', `cannot write ${printable(file)}: ${error.code ?? 'unknown'}`)
  })
  if (!isNew) throw new CliError('BAD_INPUT', `${printable(file)} is there already`, 'name another file')
}

function heldRows(io: Surroundings, { subject, issuer, notBefore, notAfter, fingerprint }: HeldCertificate): Row[] {
  return [
    ['subject', subject],
    ['issuer', issuer === subject ? 'itself' : issuer],
    ['valid', `${timeText(io, notBefore)} to ${timeText(io, notAfter)}`],
    ['SHA-256', fingerprint],
  ]
}

function pemLines(pem: string): string {
  return `${pem.trimEnd().split('\n').map(printable).join('\n')}\n`
}

function noSuch(certId: string): CliError {
  return new CliError('BAD_INPUT', `you have no certificate ${printable(certId)}`, 'keywitness cert list shows yours')
}
