/** The proof vectors of transparency-dev/merkle, right ones and wrong ones. */
import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { ProofError, fromBase64, verifyConsistency, verifyInclusion } from './index.ts'

interface Case {
  name: string
  desc: string
  proof: string[] | null
  wantErr: boolean
}
type Inclusion = Case & { leafIdx: number; treeSize: number; root: string; leafHash: string }
type Consistency = Case & { size1: number; size2: number; root1: string; root2: string }

function read<T>(file: string): T[] {
  return JSON.parse(readFileSync(new URL(`../../../vectors/tlog/${file}`, import.meta.url), 'utf8')) as T[]
}

const bytes = (text: string): Uint8Array => fromBase64(text)!
const hashes = (proof: string[] | null): Uint8Array[] => (proof ?? []).map(bytes)

/** The code of the refusal, or undefined when the proof holds. Another error than a refusal is not caught. */
function refusal(verify: () => void): string | undefined {
  try {
    verify()
    return undefined
  } catch (error) {
    if (error instanceof ProofError) return error.code
    throw error
  }
}

test.each(read<Inclusion>('merkle-inclusion.json'))('$name', (vector) => {
  const { leafIdx, treeSize, root, leafHash, proof, wantErr } = vector
  const verify = (): void => verifyInclusion(leafIdx, treeSize, bytes(leafHash), hashes(proof), bytes(root))
  expect(refusal(verify) !== undefined).toBe(wantErr)
})

/** The one vector that is right although its roots are no hashes, but placeholders: ours asks for 32 bytes first. */
const PLACEHOLDER_ROOTS = 'consistency/additional/sizes-are-equal-one-and-proof-is-empty'

test.each(read<Consistency>('merkle-consistency.json'))('$name', (vector) => {
  const { size1, size2, root1, root2, proof, wantErr } = vector
  const verify = (): void => verifyConsistency(size1, size2, bytes(root1), bytes(root2), hashes(proof))
  expect(refusal(verify) !== undefined).toBe(wantErr || vector.name === PLACEHOLDER_ROOTS)
})
