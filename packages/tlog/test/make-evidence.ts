/** Makes the evidence of some entries of a log in memory, line by line as the server does. */
import {
  completeSubtrees,
  EvidenceSeal,
  evidenceAttachment,
  evidenceEntry,
  evidenceHead,
  evidenceLineHash,
  evidenceMissing,
  evidenceProof,
  leafHash,
} from '../src/index.ts'
import { type MemoryLog, fastHash } from './memory-log.ts'

/** `{"names":[…]}`: what an entry of these tests names. */
export function namesIn(entry: Uint8Array): string[] {
  return ((JSON.parse(new TextDecoder().decode(entry)) as { names?: string[] }).names ?? []).slice()
}

export function linesOfEvidence(
  log: MemoryLog,
  indexes: readonly number[],
  attachments: ReadonlyMap<string, Uint8Array> = new Map(),
): Uint8Array[] {
  const { size } = log.head()
  const lines = evidenceHead({ query: '{"text":"ä"}', keys: [log.key.vkey], note: log.checkpoint() })
  const bridge = (from: number, to: number): void => {
    const hashes = completeSubtrees(from, to).map(({ level, index }) => log.node(level, index))
    if (hashes.length > 0) lines.push(evidenceProof(hashes))
  }
  const had = new Set<string>()
  let at = 0
  for (const index of indexes) {
    bridge(at, index)
    at = index + 1
    const entry = log.entries[index]!
    lines.push(evidenceEntry(index, entry, leafHash(entry, fastHash)))
    for (const name of attachments.size === 0 ? [] : namesIn(entry)) {
      if (had.has(name)) continue
      had.add(name)
      const hash = new Uint8Array(Buffer.from(name, 'hex'))
      const content = attachments.get(name)
      lines.push(content === undefined ? evidenceMissing(hash) : evidenceAttachment(hash, content))
    }
  }
  bridge(at, size)
  return lines
}

/** The file of these lines, sealed. */
export function sealed(lines: readonly Uint8Array[]): Uint8Array {
  const seal = new EvidenceSeal(fastHash)
  for (const line of lines) seal.add(evidenceLineHash(line, fastHash))
  return new Uint8Array(Buffer.concat([...lines, seal.line()].flatMap((line) => [line, Buffer.from('\n')])))
}
