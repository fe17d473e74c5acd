/** `keywitness cert status`: whether clients need a certificate, what of it is yours, and what will end soon. */
import type { Command } from 'commander'
import { AdministratorKeys } from '../cert/administrator-keys.ts'
import { groundRows } from '../cert/agreement.ts'
import { showStatusOfAll } from '../cert/all-certificates.ts'
import { type AdminKey, type HeldCertificates, openCerts } from '../cert/cert-api.ts'
import { daysLeft, enforcementText, endText, othersText, timeWarning } from '../cert/consequences.ts'
import { type CertOptions, withCert } from '../cert/options.ts'
import { examples } from '../command-options.ts'
import { printableJson } from '../printable.ts'
import { paint, type Surroundings } from '../surroundings.ts'
import { fileText, paragraph, part, rowLines, timeText } from '../text-lines.ts'

interface StatusOptions extends CertOptions {
  readonly all?: boolean
}

export function addCertStatus(cert: Command, io: Surroundings): void {
  const status = withCert(cert.command('status'))
    .description('whether clients of EP11 need a certificate, your certificates and key, and what is wrong with them')
    .option('--all', 'of all administrators instead; the role Auditor on the tracker suffices')
    .action((options: StatusOptions) => (options.all === true ? showStatusOfAll(io, options) : showStatus(io, options)))
  examples(status, 'cert status', 'cert status --json', 'cert status --all')
}

async function showStatus(io: Surroundings, options: CertOptions): Promise<void> {
  const api = await openCerts(io, options)
  const held = await api.certificates()
  const key = await api.adminKey()
  const files = key === undefined ? undefined : await (await AdministratorKeys.of(io)).find(key.keyId)
  const now = io.now()
  const warnings = warningsOf(held, key, files !== undefined, now)
  if (options.json === true) {
    const { certs, mtlsEnabled, generation } = held
    const shown = certs.map(({ certificate: _pem, ...one }) => ({ ...one, daysLeft: daysLeft(one.notAfter, now) }))
    const own = key === undefined ? null : { ...key, files: files ?? null }
    io.out.write(
      `${printableJson({ ...api.ground, mtlsEnabled, generation, adminKey: own, certs: shown, warnings }, 2)}\n`,
    )
    return
  }
  const lines = [
    ...paragraph(io, enforcementText(undefined, held), '').map((line) => paint(io, 'bold', line)),
    ...paragraph(io, othersText, ''),
    ...rowLines(io, groundRows(api.ground)),
    ...part(
      io,
      'Your key',
      rowLines(io, [
        ['key id', key?.keyId ?? 'none'],
        ['since', key === undefined ? undefined : timeText(io, key.createdAt)],
        [
          'file',
          key === undefined ? undefined : files === undefined ? 'not on this machine' : fileText(io, files.privateKey),
        ],
      ]),
    ),
    ...part(
      io,
      'Your certificates',
      held.certs.length === 0
        ? ['  none']
        : rowLines(
            io,
            held.certs.map(({ certId, subject, notAfter }) => [certId, `${subject}, ${endText(notAfter, now)}`]),
          ),
    ),
    ...part(
      io,
      'Mind',
      warnings.flatMap((text) => paragraph(io, text, '    ', `  ${paint(io, 'yellow', '!')} `)),
    ),
  ]
  io.out.write(`${lines.join('\n')}\n`)
}

function warningsOf({ certs }: HeldCertificates, key: AdminKey | undefined, isHere: boolean, now: number): string[] {
  const ends = certs.flatMap((one) => {
    const warning = timeWarning(one, now)
    return warning === undefined ? [] : [`Certificate ${one.certId}: ${warning}.`]
  })
  const isLast = certs.length > 0 && certs.every(({ notAfter }) => daysLeft(notAfter, now) < 0)
  return [
    ...ends,
    ...(isLast ? ['All of your certificates have ended: set another one. That needs no client certificate.'] : []),
    ...(key === undefined && certs.length > 0
      ? ['You have no key: nobody can change your certificates until keywitness cert adminkey set has made one.']
      : []),
    ...(key !== undefined && !isHere
      ? ['Your private key is not among those of this machine: name it with --admin-priv-key or --signing-key.']
      : []),
  ]
}
