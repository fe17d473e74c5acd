/** A whole log in memory with a real key, for tests: what it stores can be tampered with. */
import { generateKeyPairSync, hash as nodeHash, sign } from 'node:crypto'
import {
  CompactRange,
  ED25519,
  type Hash,
  NotStored,
  type NoteSigner,
  type NoteVerifier,
  type VerifyLogOptions,
  encodeBundle,
  formatCheckpoint,
  formatVerifierKey,
  keyId,
  leafHash,
  parseVerifierKey,
  platformHash,
  signNote,
} from '../src/index.ts'

export const fastHash: Hash = platformHash(nodeHash)

/** A new Ed25519 key under a name, both sides. */
export function newKey(name: string): { signer: NoteSigner; verifier: NoteVerifier; vkey: string } {
  const { publicKey, privateKey } = generateKeyPairSync('ed25519')
  const raw = new Uint8Array(Buffer.from(publicKey.export({ format: 'jwk' }).x ?? '', 'base64url'))
  const vkey = formatVerifierKey(name, raw)
  return {
    vkey,
    verifier: parseVerifierKey(vkey),
    signer: { name, keyId: keyId(name, ED25519, raw), sign: (message) => sign(null, message, privateKey) },
  }
}

export class MemoryLog {
  readonly origin = 'example.com/log'
  readonly key = newKey(this.origin)
  /** Entries as they are served. */
  readonly entries: Uint8Array[] = []
  /** Hashes of complete subtrees as they are served, by tree level. */
  readonly nodes: Uint8Array[][] = []
  readonly #tree = new CompactRange({
    hash: fastHash,
    visit: (level, index, hash) => {
      this.nodes[level] ??= []
      this.nodes[level][index] = hash
    },
  })

  constructor(size: number) {
    for (let i = 0; i < size; i++) this.append(new TextEncoder().encode(`{"entry":${i}}`))
  }

  append(entry: Uint8Array): void {
    this.entries.push(entry)
    this.#tree.append(leafHash(entry, fastHash))
  }

  checkpoint(): string {
    const { size } = this.#tree
    const text = formatCheckpoint({ origin: this.origin, size, root: this.#tree.root(), extensions: [] })
    return signNote(text, [this.key.signer])
  }

  head(): { size: number; root: Uint8Array } {
    return { size: this.#tree.size, root: this.#tree.root() }
  }

  node = (level: number, index: number): Uint8Array => this.nodes[level]![index]!

  bundle = (n: number, width: number): Uint8Array => {
    const entries = this.entries.slice(256 * n, 256 * n + width)
    if (entries.length === 0) throw new NotStored('no such entries')
    return encodeBundle(entries)
  }

  tile = (level: number, n: number, width: number): Uint8Array => {
    const hashes = (this.nodes[8 * level] ?? []).slice(256 * n, 256 * n + width)
    return new Uint8Array(Buffer.concat(hashes))
  }

  /** Makes the stored hashes those of the entries as they are now, up to a tree level. */
  rehash(levels: number): void {
    this.nodes[0] = this.entries.map((entry) => leafHash(entry, fastHash))
    for (let level = 1; level <= levels; level++) {
      const below = this.nodes[level - 1]!
      const pair = new Uint8Array(65)
      pair[0] = 1
      this.nodes[level] = Array.from({ length: Math.floor(below.length / 2) }, (_, i) => {
        pair.set(below[2 * i]!, 1)
        pair.set(below[2 * i + 1]!, 33)
        return fastHash(pair)
      })
    }
  }

  options(more: Partial<VerifyLogOptions> = {}): VerifyLogOptions {
    return {
      checkpoint: this.checkpoint(),
      verifiers: [this.key.verifier],
      readBundle: this.bundle,
      readTile: this.tile,
      hash: fastHash,
      ...more,
    }
  }
}
