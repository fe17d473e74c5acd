/** What is about to happen to clients and certificates, shown on the terminal before a person agrees to it. */
import { CliError } from '../cli-error.ts'
import { printable } from '../printable.ts'
import { paint, type Surroundings } from '../surroundings.ts'
import { paragraph, type Row, rowLines } from '../text-lines.ts'
import type { CertGround } from './cert-api.ts'

export interface Announcement {
  /** What will be done, as a heading. */
  readonly title: string
  readonly rows: readonly Row[]
  /** What follows from it, a sentence or two each. */
  readonly consequences: readonly string[]
}

/** The instance and the caller, above everything else: a mistake in these is the worst. */
export function groundRows({ name, guid, caller }: CertGround): Row[] {
  return [
    ['instance', `${name} ${guid}`.trim()],
    ['as', caller],
  ]
}

/** @throws CliError `BAD_INPUT` unless it is agreed to */
export async function agree(
  io: Surroundings,
  { yes }: { readonly yes?: boolean },
  { title, rows, consequences }: Announcement,
): Promise<void> {
  const lines = [
    paint(io, 'bold', printable(title), io.err),
    ...rowLines(io, rows),
    ...consequences.flatMap((text) => paragraph(io, text, '    ', '  → ')),
  ]
  io.err.write(`${lines.join('\n')}\n`)
  if (yes === true) return
  if (io.confirm === undefined) throw new CliError('BAD_INPUT', 'nothing was done', 'if that is meant, add --yes')
  if (await io.confirm('Do it? Type yes: ')) return
  throw new CliError('BAD_INPUT', 'nothing was done')
}
