/**
 * The compression functions that running digests go on with: of @noble/hashes, because OpenSSL gives no chaining value out.
 *
 * Of that package nothing but these functions is used. Blocks, padding and what is saved are ours (`running-hash.ts`), so
 * how the package keeps a hash in memory never comes to stand in a saved state.
 */
import { _SHA1 } from '@noble/hashes/legacy.js'
import { _SHA256, _SHA512 } from '@noble/hashes/sha2.js'
import { keccakP } from '@noble/hashes/sha3.js'

/** One chaining value, into which whole blocks go. */
export interface Compression {
  /** The chaining value, its bytes in the order of the standard. */
  read(): Buffer
  /** As many bytes as `read` gives. */
  write(chaining: Buffer): void
  /** As many whole blocks as there are. */
  absorb(blocks: Uint8Array): void
  /** Overwrites the chaining value. */
  wipe(): void
}

type Five = [number, number, number, number, number]
type Eight = [number, number, number, number, number, number, number, number]

/** FIPS 180-4, section 6.1.2. */
export class Sha1Compression extends _SHA1 implements Compression {
  read(): Buffer {
    return bytesOf(this.get())
  }

  write(chaining: Buffer): void {
    this.set(...(wordsOf(chaining) as Five))
  }

  absorb(blocks: Uint8Array): void {
    const view = viewOf(blocks)
    for (let at = 0; at < blocks.length; at += 64) this.process(view, at)
    this.roundClean()
  }

  wipe(): void {
    this.destroy()
  }
}

/** FIPS 180-4, section 6.2.2. */
export class Sha256Compression extends _SHA256 implements Compression {
  read(): Buffer {
    return bytesOf(this.get())
  }

  write(chaining: Buffer): void {
    this.set(...(wordsOf(chaining) as Eight))
  }

  absorb(blocks: Uint8Array): void {
    const view = viewOf(blocks)
    for (let at = 0; at < blocks.length; at += 64) this.process(view, at)
    this.roundClean()
  }

  wipe(): void {
    this.destroy()
  }
}

/** FIPS 180-4, section 6.4.2. */
export class Sha512Compression extends _SHA512 implements Compression {
  read(): Buffer {
    return bytesOf(this.get())
  }

  write(chaining: Buffer): void {
    this.set(...(wordsOf(chaining) as [...Eight, ...Eight]))
  }

  absorb(blocks: Uint8Array): void {
    const view = viewOf(blocks)
    for (let at = 0; at < blocks.length; at += 128) this.process(view, at)
    this.roundClean()
  }

  wipe(): void {
    this.destroy()
  }
}

/** The sponge over Keccak-f[1600] while it absorbs (FIPS 202, section 4): the chaining value is its whole state. */
export class KeccakCompression implements Compression {
  /** Lanes as pairs of their lower and upper half. */
  readonly #words = new Uint32Array(50)
  readonly #rateBytes: number

  constructor(rateBytes: number) {
    this.#rateBytes = rateBytes
  }

  read(): Buffer {
    const bytes = Buffer.alloc(200)
    this.#words.forEach((word, index) => bytes.writeUInt32LE(word, 4 * index))
    return bytes
  }

  write(chaining: Buffer): void {
    for (let index = 0; index < 50; index++) this.#words[index] = chaining.readUInt32LE(4 * index)
  }

  absorb(blocks: Uint8Array): void {
    const words = this.#words
    const view = viewOf(blocks)
    for (let at = 0; at < blocks.length; at += this.#rateBytes) {
      for (let index = 0; 4 * index < this.#rateBytes; index++) {
        words[index] = (words[index] as number) ^ view.getUint32(at + 4 * index, true)
      }
      keccakP(words)
    }
  }

  wipe(): void {
    this.#words.fill(0)
  }
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
}

function bytesOf(words: readonly number[]): Buffer {
  const bytes = Buffer.alloc(4 * words.length)
  words.forEach((word, index) => bytes.writeInt32BE(word | 0, 4 * index))
  return bytes
}

function wordsOf(bytes: Buffer): number[] {
  return Array.from({ length: bytes.length / 4 }, (_, index) => bytes.readInt32BE(4 * index))
}
