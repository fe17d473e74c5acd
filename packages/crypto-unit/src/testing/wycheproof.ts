/** The selections of Wycheproof in `vectors/wycheproof`, read by the names of their columns. */
import { vectors } from './asymmetric-keys.ts'

export interface WycheproofGroup {
  readonly file: string
  readonly curve: string
  readonly sha: string
  readonly encoding: string
  readonly parameterSet: string
  readonly publicKey: string
  readonly tests: readonly WycheproofTest[]
}

interface WycheproofTest {
  /** For a failing test to say which it is. */
  readonly name: string
  readonly result: 'valid' | 'acceptable' | 'invalid'
  readonly flags: readonly string[]
  /** A column that is hexadecimal. */
  bytes(field: string): Buffer
}

interface StoredFile {
  readonly fields: readonly string[]
  readonly groups: readonly (Omit<WycheproofGroup, 'tests'> & { readonly tests: readonly (readonly unknown[])[] })[]
}

export function wycheproof(file: string): WycheproofGroup[] {
  const { fields, groups } = vectors<StoredFile>(`wycheproof/${file}`)
  return groups.map((group) => ({ ...group, tests: group.tests.map((row) => readRow(group.file, fields, row)) }))
}

function readRow(file: string, fields: readonly string[], row: readonly unknown[]): WycheproofTest {
  const column = (field: string): unknown => row[fields.indexOf(field)]
  return {
    name: `${file} ${String(column('tcId'))} ${String(column('comment'))}`,
    result: column('result') as WycheproofTest['result'],
    flags: (column('flags') ?? []) as readonly string[],
    bytes: (field) => Buffer.from(column(field) as string, 'hex'),
  }
}
