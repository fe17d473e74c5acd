/** HMAC in parts (FIPS 198-1, RFC 2104): a running hash that has taken the key's block, and the key again at the end. */
import { createHash, hash } from 'node:crypto'
import { startHash } from '../digests/digest-mechanisms.ts'
import { hashOf, type HashName } from '../digests/hash-names.ts'
import type { RunningHash } from '../digests/running-hash.ts'
import type { RunningDigest } from '../mechanism-parts.ts'

const INNER_PAD = 0x36
const OUTER_PAD = 0x5c

/**
 * Saved as its running hash is, under the CKM_ value of the MAC. That is sensitive, though the key is not in it: it has the
 * chaining value behind the inner key, with which whoever reads it finds data of the same inner digest, hence of the same
 * MAC, without asking; and whoever writes it has data authenticated that were never given. So the caller seals it.
 *
 * The key is used again by `finish`: whoever opened it zeroes it after that.
 */
export class RunningHmac implements RunningDigest {
  readonly #hash: HashName
  readonly #key: Buffer
  readonly #inner: RunningHash

  constructor(mechanism: number, digest: number, key: Buffer) {
    this.#hash = hashOf(digest) as HashName
    this.#key = key
    this.#inner = startHash(digest, mechanism)
    const block = this.#padded(INNER_PAD)
    this.#inner.update(block)
    block.fill(0)
  }

  /** @throws Ep11Error `CKR_SAVED_STATE_INVALID` */
  resume(saved: Buffer): void {
    this.#inner.resume(saved)
  }

  update(data: Uint8Array): void {
    this.#inner.update(data)
  }

  save(): Buffer {
    return this.#inner.save()
  }

  finish(): Buffer {
    const inner = this.#inner.finish()
    const block = this.#padded(OUTER_PAD)
    const mac = createHash(this.#hash.name).update(block).update(inner).digest()
    block.fill(0)
    inner.fill(0)
    return mac
  }

  /** The key as one block, each of its bytes changed by `pad`; a key longer than that is hashed first. */
  #padded(pad: number): Buffer {
    const { name, blockBytes } = this.#hash
    const block = Buffer.alloc(blockBytes)
    if (this.#key.length <= blockBytes) {
      this.#key.copy(block)
    } else {
      const short = hash(name, this.#key, 'buffer')
      short.copy(block)
      short.fill(0)
    }
    for (let index = 0; index < blockBytes; index++) block[index] = (block[index] as number) ^ pad
    return block
  }
}
