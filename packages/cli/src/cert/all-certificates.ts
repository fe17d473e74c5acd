/** Certificates of all administrators of an instance, as `cert list --all` and `cert status --all` show them. */
import { printable, printableJson } from '../printable.ts'
import { printList } from '../resource-output.ts'
import { paint, type Surroundings } from '../surroundings.ts'
import { paragraph, part, type Row, rowLines } from '../text-lines.ts'
import { type AllCertificates, allCertificates, type OthersCertificate } from './cert-api.ts'
import { daysLeft, endText, enforcementText, timeWarning } from './consequences.ts'
import { certificateColumns } from './certificate-columns.ts'
import type { CertOptions } from './options.ts'
import { personText } from './recovery-api.ts'

/** Said with every list of all. */
const withoutText =
  'Administrators who have a key and no certificate are not shown: keywitness cert recover list has them.'

export async function listAll(io: Surroundings, options: CertOptions & { readonly pem?: boolean }): Promise<void> {
  const { instance: _guid, ...all } = await allCertificates(io, options)
  if (options.json === true) {
    io.out.write(`${printableJson(all, 2)}\n`)
    return
  }
  if (options.pem === true) {
    for (const { certId, administrator, certificate } of all.certs) {
      io.out.write(`${printable(certId)}  ${printable(personText(administrator))}\n`)
      io.out.write(`${certificate.trimEnd().split('\n').map(printable).join('\n')}\n`)
    }
    return
  }
  if (all.certs.length === 0 && io.out.isTerminal) io.out.write('none\n')
  else {
    const [id, ...rest] = certificateColumns<OthersCertificate & Record<string, unknown>>(io)
    const rows = all.certs.map((one) => ({ ...one }))
    const whose = { title: 'administrator', of: ({ administrator }: OthersCertificate) => nameOf(administrator) }
    const frozen = { title: 'frozen', of: (one: OthersCertificate) => (one.frozen ? 'yes' : ''), style: frozenStyle }
    printList(io, false, 'certs', rows, [id, whose, ...rest, frozen])
  }
  if (!io.out.isTerminal) return
  const text = `${enforcementText(undefined, all)} ${withoutText}`
  io.err.write(`${paragraph(io, text, '').join('\n')}\n`)
}

function frozenStyle({ frozen }: OthersCertificate): 'yellow' | undefined {
  return frozen ? 'yellow' : undefined
}

/** In a table the name is enough, where there is one. */
function nameOf({ id, name }: OthersCertificate['administrator']): string {
  return name === '' ? id : name
}

export async function showStatusOfAll(io: Surroundings, options: CertOptions): Promise<void> {
  const all = await allCertificates(io, options)
  const now = io.now()
  const warnings = warningsOf(all, now)
  if (options.json === true) {
    const certs = all.certs.map(({ certificate: _pem, ...one }) => ({ ...one, daysLeft: daysLeft(one.notAfter, now) }))
    io.out.write(`${printableJson({ ...all, certs, warnings }, 2)}\n`)
    return
  }
  const people = Map.groupBy(all.certs, ({ administrator }) => personText(administrator))
  const lines = [
    ...paragraph(io, enforcementText(undefined, all), '').map((line) => paint(io, 'bold', line)),
    ...paragraph(io, withoutText, ''),
    ...rowLines(io, [['instance', all.instance]]),
    ...(people.size === 0 ? part(io, 'Certificates', ['  none']) : []),
    ...[...people].flatMap(([person, certs]) =>
      part(
        io,
        `Certificates of ${printable(person)}`,
        rowLines(
          io,
          certs.map((one) => rowOf(one, now)),
        ),
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

function rowOf({ certId, subject, notAfter, frozen }: OthersCertificate, now: number): Row {
  return [certId, `${subject}, ${endText(notAfter, now)}${frozen ? ', frozen' : ''}`]
}

function warningsOf({ certs }: AllCertificates, now: number): string[] {
  const whose = ({ certId, administrator }: OthersCertificate): string => `${certId} of ${personText(administrator)}`
  const ends = certs.flatMap((one) => {
    const warning = timeWarning(one, now)
    return warning === undefined ? [] : [`Certificate ${whose(one)}: ${warning}.`]
  })
  const isOver = certs.length > 0 && certs.every(({ notAfter }) => daysLeft(notAfter, now) < 0)
  const frozen = certs.filter((one) => one.frozen).map(whose)
  return [
    ...ends,
    ...(isOver ? ['All certificates have ended: no client gets in until one is set that has not.'] : []),
    ...(frozen.length === 0
      ? []
      : [
          `Frozen, because their administrators have no key: ${frozen.join(', ')}. Nobody can change or delete them until they set one, or two people remove what they left: keywitness cert recover.`,
        ]),
  ]
}
