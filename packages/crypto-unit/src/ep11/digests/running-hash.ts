/** A digest that goes on in parts, and in another process: blocks, padding and the saved form over a compression function. */
import { timingSafeEqual } from 'node:crypto'
import { Ep11Error } from '../ep11-error.ts'
import type { RunningDigest } from '../mechanism-parts.ts'
import { demandSaved, SavedReader, writeSaved } from '../saved-state.ts'
import type { Compression } from './compression.ts'

export interface HashShape {
  /** In the state in which the standard begins. */
  readonly begin: () => Compression
  readonly blockBytes: number
  /** Of the digest: a beginning of the last chaining value. */
  readonly bytes: number
  /** `length`: padded with the length in bits (FIPS 180-4, section 5.1); `sponge`: as SHA-3 (FIPS 202, section B.2). */
  readonly padding: 'length' | 'sponge'
}

const COUNT_BYTES = 8

/**
 * Saved as: count of bytes taken (8), chaining value, the bytes held back for the next block (the count modulo the block).
 * At most 356 bytes, of SHA3-224. Data of all parts together: below 2^53 bytes.
 */
export class RunningHash implements RunningDigest {
  readonly #mechanism: number
  readonly #shape: HashShape
  readonly #compression: Compression
  readonly #held: Buffer
  #count = 0

  /** `mechanism`: the CKM_ value that its saved states carry. */
  constructor(mechanism: number, shape: HashShape) {
    this.#mechanism = mechanism
    this.#shape = shape
    this.#compression = shape.begin()
    this.#held = Buffer.alloc(shape.blockBytes)
  }

  /**
   * Goes on from what was saved by an operation that had once come to where this one is, at a block's end. So a state that
   * has taken no further block must have this one's chaining value.
   * @throws Ep11Error `CKR_SAVED_STATE_INVALID`; this operation is of no use then
   */
  resume(saved: Buffer): void {
    const { blockBytes } = this.#shape
    const reader = new SavedReader(this.#mechanism, saved)
    const count = Number(reader.take(COUNT_BYTES).readBigUInt64BE())
    demandSaved(Number.isSafeInteger(count) && count >= this.#count)
    const before = this.#compression.read()
    const chaining = reader.take(before.length)
    if (count - this.#count < blockBytes) demandSaved(timingSafeEqual(chaining, before))
    reader.take(count % blockBytes).copy(this.#held)
    reader.end()
    this.#compression.write(chaining)
    this.#count = count
    before.fill(0)
    chaining.fill(0)
  }

  /** @throws Ep11Error `CKR_DATA_LEN_RANGE`; nothing of `data` is taken then */
  update(data: Uint8Array): void {
    const { blockBytes } = this.#shape
    if (data.length > Number.MAX_SAFE_INTEGER - this.#count) {
      throw new Ep11Error('CKR_DATA_LEN_RANGE', 'The data of this operation are too long.')
    }
    const heldBytes = this.#count % blockBytes
    const filling = heldBytes === 0 ? 0 : Math.min(blockBytes - heldBytes, data.length)
    this.#held.set(data.subarray(0, filling), heldBytes)
    if (filling > 0 && heldBytes + filling === blockBytes) this.#compression.absorb(this.#held)
    const end = data.length - ((data.length - filling) % blockBytes)
    if (end > filling) this.#compression.absorb(data.subarray(filling, end))
    this.#held.set(data.subarray(end))
    this.#count += data.length
  }

  save(): Buffer {
    const count = Buffer.alloc(COUNT_BYTES)
    count.writeBigUInt64BE(BigInt(this.#count))
    const chaining = this.#compression.read()
    const held = this.#held.subarray(0, this.#count % this.#shape.blockBytes)
    const saved = writeSaved(this.#mechanism, count, chaining, held)
    chaining.fill(0)
    return saved
  }

  /** Ends the operation: nothing of it is left. */
  finish(): Buffer {
    const { blockBytes, bytes, padding } = this.#shape
    const heldBytes = this.#count % blockBytes
    this.#held.fill(0, heldBytes)
    if (padding === 'sponge') {
      this.#held[heldBytes] = 0x06
      this.#held[blockBytes - 1] = (this.#held[blockBytes - 1] as number) | 0x80
    } else {
      this.#held[heldBytes] = 0x80
      if (heldBytes + 1 + blockBytes / 8 > blockBytes) {
        this.#compression.absorb(this.#held)
        this.#held.fill(0)
      }
      this.#held.writeBigUInt64BE(BigInt(this.#count) * 8n, blockBytes - COUNT_BYTES)
    }
    this.#compression.absorb(this.#held)
    const chaining = this.#compression.read()
    const digest = Buffer.from(chaining.subarray(0, bytes))
    chaining.fill(0)
    this.wipe()
    return digest
  }

  wipe(): void {
    this.#compression.wipe()
    this.#held.fill(0)
  }
}
