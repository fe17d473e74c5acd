/** A receipt verified step by step, each step with what went in and what came out, so that a person can follow it. */
import { canonicalJson, parseEntry } from '@keywitness/cadf'
import {
  NoteError,
  ProofError,
  type TlogProof,
  leafHash,
  nodeHash,
  parseCheckpoint,
  parseNote,
  parseProof,
  parseVerifierKey,
  sameBytes,
  toHex,
  verifyReceipt,
} from '@keywitness/tlog'

/** One join of two neighbouring parts of the tree. */
export interface ClimbStep {
  /** On which side the proof's hash stands. */
  readonly side: 'left' | 'right'
  /** Hexadecimal. */
  readonly sibling: string
  readonly result: string
  /** Entries below the result, first and last. */
  readonly first: number
  readonly last: number
}

/** Where a receipt fails; the stages are in the order in which they are checked. */
export type ReceiptFault = 'form' | 'entry' | 'event' | 'path' | 'signature' | 'origin'

/** What could be established, up to the fault if there is one. */
export interface ReceiptTrace {
  readonly fault?: ReceiptFault
  readonly index?: number
  readonly entryBytes?: number
  /** Hexadecimal, as are all hashes here. */
  readonly leaf?: string
  readonly climb?: readonly ClimbStep[]
  /** Where the climb ends. */
  readonly root?: string
  readonly checkpoint?: { readonly origin: string; readonly size: number; readonly root: string; readonly note: string }
}

export interface ReceiptQuestion {
  /** The `.tlog-proof` file. */
  readonly receipt: string
  /** The verifier key this browser remembers. */
  readonly key: string
  readonly origin: string
  /** The index that was asked for. */
  readonly index: number
  /** Canonical JSON of the event shown. */
  readonly event: string
}

/** Verifies a receipt; a fault is a result, not an error, since it has to be shown. */
export async function traceReceipt(question: ReceiptQuestion): Promise<ReceiptTrace> {
  let proof: TlogProof
  let claimed: { origin: string; size: number; root: Uint8Array }
  try {
    proof = parseProof(question.receipt)
    claimed = parseCheckpoint(parseNote(proof.checkpoint).text)
  } catch {
    return { fault: 'form' }
  }
  const { index, extra: entry } = proof
  if (entry === undefined || index !== question.index) return { fault: 'entry', index }
  const leaf = leafHash(entry)
  const trace: ReceiptTrace = {
    index,
    entryBytes: entry.length,
    leaf: toHex(leaf),
    checkpoint: {
      origin: claimed.origin,
      size: claimed.size,
      root: toHex(claimed.root),
      note: proof.checkpoint,
    },
  }
  if (!isShownTruly(entry, question.event)) return { ...trace, fault: 'event' }
  const climbed = climb(index, claimed.size, leaf, proof.hashes)
  const full = { ...trace, climb: climbed.steps, root: toHex(climbed.root) }
  if (!sameBytes(climbed.root, claimed.root)) return { ...full, fault: 'path' }
  const fault = await verdict(question)
  return fault === undefined ? full : { ...full, fault }
}

/** The verdict is the library's own, over the whole file; the steps above only show how it comes about. */
async function verdict(question: ReceiptQuestion): Promise<ReceiptFault | undefined> {
  const key = parseVerifierKey(question.key)
  try {
    const { checkpoint } = await verifyReceipt(question.receipt, [key])
    return checkpoint.origin === question.origin ? undefined : 'origin'
  } catch (error) {
    if (error instanceof NoteError) return error.code === 'ORIGIN' ? 'origin' : 'signature'
    if (error instanceof ProofError) return 'path'
    throw error
  }
}

/** The joins of RFC 9162 section 2.1.3.2, with the range of entries that each result stands for. */
function climb(
  index: number,
  size: number,
  leaf: Uint8Array,
  siblings: readonly Uint8Array[],
): { steps: ClimbStep[]; root: Uint8Array } {
  const ranges = rangesAbove(index, size)
  const steps: ClimbStep[] = []
  let hash = leaf
  let below = { from: index, to: index + 1 }
  for (const [i, sibling] of siblings.entries()) {
    const range = ranges[i]
    // More hashes than the tree has levels: the climb ends here, and not at the root.
    if (range === undefined) return { steps, root: new Uint8Array() }
    const side = range.from < below.from ? 'left' : 'right'
    hash = side === 'left' ? nodeHash(sibling, hash) : nodeHash(hash, sibling)
    steps.push({ side, sibling: toHex(sibling), result: toHex(hash), first: range.from, last: range.to - 1 })
    below = range
  }
  return { steps, root: ranges.length === siblings.length ? hash : new Uint8Array() }
}

/** The subtrees that hold an entry, from the smallest with two leaves to the whole tree. */
function rangesAbove(index: number, size: number): { from: number; to: number }[] {
  const ranges: { from: number; to: number }[] = []
  let from = 0
  let to = size
  while (to - from > 1 && index >= from && index < to) {
    ranges.push({ from, to })
    let half = 1
    while (half * 2 < to - from) half *= 2
    if (index < from + half) to = from + half
    else from += half
  }
  return ranges.toReversed()
}

/** Whether the entry's event, printed canonically, is what is shown. */
function isShownTruly(entry: Uint8Array, shown: string): boolean {
  try {
    return canonicalJson(parseEntry(entry).event) === shown
  } catch {
    return false
  }
}
