/** `keywitness evidence export`: the events of a file of evidence as rows, made here from what was verified, without a server. */
import { type Command, Option } from 'commander'
import { csvHeader, csvRow, jsonLine, type LogPlace, looseEntry, strictCadfLine } from '@keywitness/cadf'
import { toBase64 } from '@keywitness/tlog'
import { examples, several } from '../command-options.ts'
import { verifyFile } from '../evidence-steps.ts'
import { trusting } from '../evidence-trust.ts'
import type { ExportFormat } from '../export-api.ts'
import { PartialFile } from '../partial-file.ts'
import { formatBytes, formatCount, printable } from '../printable.ts'
import { type Surroundings, paint } from '../surroundings.ts'

interface Options {
  readonly key?: readonly string[]
  readonly format: Exclude<ExportFormat, 'evidence'>
  readonly output: string
  readonly force?: boolean
}

export function addEvidenceExport(evidence: Command, io: Surroundings): void {
  const command = evidence
    .command('export')
    .description(
      'write the events of a file of evidence as rows: what an export of the same question writes, to the byte',
    )
    .argument('<file>', 'a file that keywitness evidence make wrote')
    .option('--key <key>', "the log's verifier key, or a file with it (default: the remembered one)", several)
    .addOption(
      new Option('--format <format>', 'lines of JSON, comma-separated values, or strict CADF')
        .choices(['jsonl', 'csv', 'cadf'])
        .default('csv'),
    )
    .requiredOption('-o, --output <file>', 'where to write it')
    .option('--force', 'replace the file')
    .action((file: string, options: Options) => exportEvidence(io, file, options))
  examples(
    command,
    'evidence export key.evidence -o key.csv',
    'evidence export key.evidence --format cadf -o key.jsonl',
  )
}

async function exportEvidence(io: Surroundings, file: string, options: Options): Promise<void> {
  const { format, output } = options
  const target = new PartialFile(output)
  if (options.force !== true) await target.checkFree()
  const trust = await trusting(io, options.key ?? [])
  let origin = ''
  await target.begin()
  try {
    if (format === 'csv') await target.write(encoder.encode(`${csvHeader}\r\n`))
    const named: typeof trust = (claim) => {
      origin = claim.checkpoint.origin
      return trust(claim)
    }
    const { entries } = await verifyFile(file, named, async ({ index, entry, leafHash }) => {
      await target.write(rowOf(format, entry, { index, leafHash: toBase64(leafHash), origin }))
    })
    await target.finish()
    const good = paint(io, 'green', '✓')
    io.out.write(
      `${printable(output)}: ${formatCount(entries)} events, ${formatBytes(target.bytes)}\n` +
        `${good} each of them proved by ${printable(file)}\n`,
    )
  } catch (error) {
    // Rows of a file that does not hold are nobody's.
    await target.discard()
    throw error
  }
}

const encoder = new TextEncoder()

function rowOf(format: Options['format'], entry: Uint8Array, place: LogPlace): Uint8Array {
  if (format === 'jsonl') return Buffer.concat([jsonLine(entry, place), encoder.encode('\n')])
  const value = looseEntry(entry)
  return encoder.encode(format === 'csv' ? `${csvRow(value, place)}\r\n` : `${strictCadfLine(value, place)}\n`)
}
