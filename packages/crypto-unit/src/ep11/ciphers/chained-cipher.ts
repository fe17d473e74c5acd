/** Whole blocks through a block cipher, in ECB and CBC: one object of OpenSSL's for each key and use, as long as the key is held. */
import { createCipheriv, createDecipheriv, type Cipheriv, type Decipheriv, type KeyObject } from 'node:crypto'
import type { Direction } from '../mechanism-parts.ts'
import type { BlockCipher } from './block-cipher.ts'

/** NIST SP 800-38A, sections 6.1 and 6.2. */
export type BlockMode = 'ecb' | 'cbc'

/**
 * An object that is made anew costs more than the encryption of a kilobyte, and none can be given another vector. So one goes
 * on for ever: in CBC its vector is the last ciphertext that it saw, whoever's that was, and what a caller's first block meets
 * in place of it is the caller's vector, by adding both (SP 800-38A, 6.2: only the first block sees the vector, and only by
 * addition). No message sees another's bytes: the addition takes the last ciphertext out again.
 */
class ChainedCipher {
  readonly #running: Cipheriv | Decipheriv
  readonly #isEncrypting: boolean
  readonly #last: Buffer

  constructor({ key, blockBytes, ...names }: BlockCipher, mode: BlockMode, direction: Direction) {
    this.#isEncrypting = direction === 'encrypt'
    this.#last = Buffer.alloc(mode === 'ecb' ? 0 : blockBytes)
    const create = this.#isEncrypting ? createCipheriv : createDecipheriv
    // Without OpenSSL's padding what goes in comes out, block by block, at once.
    this.#running = create(names[mode], key, mode === 'ecb' ? null : this.#last).setAutoPadding(false)
  }

  /** `vector`: a block, of ECB empty; `data`: whole blocks, one at least, afterwards what they were before. */
  run(vector: Uint8Array, data: Uint8Array): Buffer {
    if (this.#last.length === 0) return this.#running.update(data)
    if (!this.#isEncrypting) {
      const output = this.#running.update(data)
      add(this.#last, vector, output)
      this.#keepLast(data)
      return output
    }
    // Added in place, and taken out again: copies of plaintext are not made only to be zeroed.
    add(this.#last, vector, data)
    const output = this.#running.update(data)
    add(this.#last, vector, data)
    this.#keepLast(output)
    return output
  }

  /** Byte by byte: a view to copy from costs more than a block. */
  #keepLast(ciphertext: Uint8Array): void {
    const last = this.#last
    const from = ciphertext.length - last.length
    for (let at = 0; at < last.length; at++) last[at] = ciphertext[from + at]!
  }
}

/** To the first block of `data`, without carry. */
function add(last: Uint8Array, vector: Uint8Array, data: Uint8Array): void {
  for (let at = 0; at < last.length; at++) data[at]! ^= last[at]! ^ vector[at]!
}

/** Go with their keys: whoever holds a key decides how long. */
const kept = new WeakMap<KeyObject, Record<BlockMode, Partial<Record<Direction, ChainedCipher>>>>()

/**
 * Encrypts or decrypts whole blocks, without padding.
 * @param vector a block, of ECB empty
 * @param data whole blocks; of none, nothing comes out
 */
export function runBlocks(
  cipher: BlockCipher,
  mode: BlockMode,
  direction: Direction,
  vector: Uint8Array,
  data: Uint8Array,
): Buffer {
  if (data.length === 0) return Buffer.alloc(0)
  let ofKey = kept.get(cipher.key)
  if (ofKey === undefined) kept.set(cipher.key, (ofKey = { ecb: {}, cbc: {} }))
  return (ofKey[mode][direction] ??= new ChainedCipher(cipher, mode, direction)).run(vector, data)
}
