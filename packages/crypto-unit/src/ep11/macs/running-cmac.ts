/** CMAC in parts (NIST SP 800-38B, section 6.2), composed from CBC and ECB, for OpenSSL's CMAC is not within Node's reach. */
import { createCipheriv } from 'node:crypto'
import type { BlockCipher } from '../ciphers/block-cipher.ts'
import type { RunningDigest } from '../mechanism-parts.ts'
import { demandSaved, SavedReader, writeSaved } from '../saved-state.ts'

/** How much of the data is chained at a time: what CBC gives for it is thrown away but for its end. */
const CHAINED_BYTES_MAX = 64 * 1024

/** R_128 and R_64 (section 5.3). */
const reductions: ReadonlyMap<number, number> = new Map([
  [16, 0x87],
  [8, 0x1b],
])

/**
 * Saved as: number of bytes held back (1), chaining value (a block), these bytes. The last block is held back even when it is
 * whole, for it is masked. That is sensitive, though the key is not in it: a chaining value, once known, lets whoever changes
 * the data before it choose a block that leads to the same MAC. So the caller seals it.
 */
export class RunningCmac implements RunningDigest {
  readonly #mechanism: number
  readonly #cipher: BlockCipher
  readonly #held: Buffer
  #chaining: Buffer
  #heldBytes = 0

  constructor(mechanism: number, cipher: BlockCipher) {
    this.#mechanism = mechanism
    this.#cipher = cipher
    this.#held = Buffer.alloc(cipher.blockBytes)
    this.#chaining = Buffer.alloc(cipher.blockBytes)
  }

  /** @throws Ep11Error `CKR_SAVED_STATE_INVALID` */
  resume(saved: Buffer): void {
    const { blockBytes } = this.#cipher
    const reader = new SavedReader(this.#mechanism, saved)
    const heldBytes = reader.take(1).readUInt8()
    const chaining = reader.take(blockBytes)
    demandSaved(heldBytes <= blockBytes && (heldBytes > 0 || chaining.every((byte) => byte === 0)))
    reader.take(heldBytes).copy(this.#held)
    reader.end()
    this.#chaining = chaining
    this.#heldBytes = heldBytes
  }

  update(data: Uint8Array): void {
    if (data.length === 0) return
    const { blockBytes } = this.#cipher
    const filling = Math.min(blockBytes - this.#heldBytes, data.length)
    this.#held.set(data.subarray(0, filling), this.#heldBytes)
    this.#heldBytes += filling
    if (filling === data.length) return
    this.#chain(this.#held)
    const rest = data.subarray(filling)
    const heldBytes = ((rest.length - 1) % blockBytes) + 1
    const end = rest.length - heldBytes
    for (let at = 0; at < end; at += CHAINED_BYTES_MAX) {
      this.#chain(rest.subarray(at, Math.min(end, at + CHAINED_BYTES_MAX)))
    }
    this.#held.fill(0)
    this.#held.set(rest.subarray(end))
    this.#heldBytes = heldBytes
  }

  save(): Buffer {
    const held = this.#held.subarray(0, this.#heldBytes)
    return writeSaved(this.#mechanism, Buffer.of(this.#heldBytes), this.#chaining, held)
  }

  finish(): Buffer {
    const { blockBytes } = this.#cipher
    const mask = this.#subkey(this.#heldBytes === blockBytes ? 1 : 2)
    if (this.#heldBytes < blockBytes) this.#held[this.#heldBytes] = 0x80
    for (let index = 0; index < blockBytes; index++) {
      this.#held[index] = (this.#held[index] as number) ^ (mask[index] as number)
    }
    this.#chain(this.#held)
    const mac = Buffer.from(this.#chaining)
    for (const secret of [mask, this.#held, this.#chaining]) secret.fill(0)
    this.#heldBytes = 0
    return mac
  }

  /** Whole blocks. */
  #chain(blocks: Uint8Array): void {
    const { cbc, key, blockBytes } = this.#cipher
    const output = createCipheriv(cbc, key, this.#chaining).setAutoPadding(false).update(blocks)
    output.copy(this.#chaining, 0, output.length - blockBytes)
    output.fill(0)
  }

  /** K1 by doubling the encryption of zeros once, K2 by doubling it twice (section 6.1). */
  #subkey(doublings: number): Buffer {
    const { ecb, key, blockBytes } = this.#cipher
    const block = createCipheriv(ecb, key, null).setAutoPadding(false).update(Buffer.alloc(blockBytes))
    const reduction = reductions.get(blockBytes) as number
    for (let round = 0; round < doublings; round++) {
      let carry = reduction & -(block.readUInt8() >> 7)
      for (let index = blockBytes - 1; index >= 0; index--) {
        const doubled = (block.readUInt8(index) << 1) ^ carry
        block[index] = doubled
        carry = (doubled >> 8) & 1
      }
    }
    return block
  }
}
