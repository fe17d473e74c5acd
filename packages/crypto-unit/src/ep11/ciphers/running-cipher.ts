/** Block ciphers in one shot and in parts: whole blocks leave at once, the rest is held back with the running vector. */
import { createCipheriv, createDecipheriv, type Cipheriv, type Decipheriv } from 'node:crypto'
import { Ep11Error } from '../ep11-error.ts'
import type { Direction, RunningCipher } from '../mechanism-parts.ts'
import { demandSaved, SavedReader, writeSaved } from '../saved-state.ts'
import type { BlockCipher } from './block-cipher.ts'

/** NIST SP 800-38A, sections 6.1 and 6.2. */
type BlockMode = 'ecb' | 'cbc'

export interface CipherUse {
  /** The CKM_ value that saved states carry. */
  readonly mechanism: number
  readonly mode: BlockMode
  readonly isPadded: boolean
  readonly direction: Direction
  readonly cipher: BlockCipher
}

const directionBytes: Readonly<Record<Direction, number>> = { encrypt: 1, decrypt: 2 }

/**
 * Saved as: direction (1), running vector (a block; of ECB nothing), number of bytes held back (1), these bytes. The bytes
 * held back of an encryption are data; the key is not among what is saved. While decrypting what is padded a whole block is
 * held back, for it may be the last one, which is padding in part or whole.
 */
export class RunningBlockCipher implements RunningCipher {
  readonly #use: CipherUse
  readonly #heldBytesMax: number
  #vector: Buffer
  #held: Buffer = Buffer.alloc(0)

  /** `vector`: of ECB it is empty. */
  constructor(use: CipherUse, vector: Buffer) {
    this.#use = use
    this.#vector = Buffer.from(vector)
    const { blockBytes } = use.cipher
    this.#heldBytesMax = use.isPadded && use.direction === 'decrypt' ? blockBytes : blockBytes - 1
  }

  /** @throws Ep11Error `CKR_SAVED_STATE_INVALID` */
  static restore(use: CipherUse, saved: Buffer): RunningBlockCipher {
    const reader = new SavedReader(use.mechanism, saved)
    demandSaved(reader.take(1).readUInt8() === directionBytes[use.direction])
    const running = new RunningBlockCipher(use, reader.take(use.mode === 'ecb' ? 0 : use.cipher.blockBytes))
    const heldBytes = reader.take(1).readUInt8()
    demandSaved(heldBytes <= running.#heldBytesMax)
    running.#held = reader.take(heldBytes)
    reader.end()
    return running
  }

  update(data: Uint8Array): Buffer {
    const { blockBytes } = this.#use.cipher
    const total = this.#held.length + data.length
    const heldBytes = total <= this.#heldBytesMax ? total : this.#restOf(total)
    const leaving = total - heldBytes
    if (leaving === 0) {
      this.#hold(Buffer.concat([this.#held, data]))
      return Buffer.alloc(0)
    }
    const part = data.subarray(0, leaving - this.#held.length)
    const cipher = cipherOf(this.#use, this.#vector)
    const output = Buffer.concat([cipher.update(this.#held), cipher.update(part)])
    if (this.#use.mode === 'cbc') {
      const ciphertext = this.#use.direction === 'encrypt' ? output : lastOf(this.#held, part, blockBytes)
      this.#vector = Buffer.from(ciphertext.subarray(-blockBytes))
    }
    this.#hold(Buffer.from(data.subarray(part.length)))
    return output
  }

  save(): Buffer {
    const held = this.#held
    return writeSaved(
      this.#use.mechanism,
      Buffer.of(directionBytes[this.#use.direction]),
      this.#vector,
      Buffer.of(held.length),
      held,
    )
  }

  finish(): Buffer {
    try {
      return this.#use.isPadded ? this.#finishPadded() : this.#finishWhole()
    } finally {
      this.#hold(Buffer.alloc(0))
    }
  }

  #finishWhole(): Buffer {
    if (this.#held.length > 0) throw lengthError(this.#use.direction)
    return Buffer.alloc(0)
  }

  #finishPadded(): Buffer {
    const { direction, cipher } = this.#use
    if (direction === 'encrypt') {
      const running = cipherOf(this.#use, this.#vector)
      return Buffer.concat([
        running.update(this.#held),
        running.update(paddingOf(this.#held.length, cipher.blockBytes)),
      ])
    }
    if (this.#held.length !== cipher.blockBytes) throw lengthError(direction)
    return withoutPadding(cipherOf(this.#use, this.#vector).update(this.#held))
  }

  /** How much of more than can be held back stays here. */
  #restOf(total: number): number {
    const { blockBytes } = this.#use.cipher
    const rest = total % blockBytes
    return rest === 0 && this.#heldBytesMax === blockBytes ? blockBytes : rest
  }

  #hold(bytes: Buffer): void {
    this.#held.fill(0)
    this.#held = bytes
  }
}

/**
 * One shot; `vector` as `RunningBlockCipher` takes it.
 * @throws Ep11Error as `RunningCipher.finish`
 */
export function runWhole(use: CipherUse, vector: Buffer, data: Uint8Array): Buffer {
  const { isPadded, direction } = use
  const { blockBytes } = use.cipher
  const lastBytes = data.length % blockBytes
  const running = cipherOf(use, vector)
  if (isPadded && direction === 'encrypt') {
    return Buffer.concat([running.update(data), running.update(paddingOf(lastBytes, blockBytes))])
  }
  if (lastBytes !== 0 || (isPadded && data.length === 0)) throw lengthError(direction)
  const output = running.update(data)
  if (!isPadded) return output
  const last = output.length - blockBytes
  return output.subarray(0, last + withoutPadding(output.subarray(last)).length)
}

/** OpenSSL with a key and a vector (of ECB: empty), without its padding: what goes in comes out, block by block. */
function cipherOf({ mode, direction, cipher }: CipherUse, vector: Buffer): Cipheriv | Decipheriv {
  const create = direction === 'encrypt' ? createCipheriv : createDecipheriv
  return create(cipher[mode], cipher.key, mode === 'ecb' ? null : vector).setAutoPadding(false)
}

/** For data that are not whole blocks. */
function lengthError(direction: Direction): Ep11Error {
  return direction === 'encrypt'
    ? new Ep11Error('CKR_DATA_LEN_RANGE', 'The data do not end with a block.')
    : new Ep11Error('CKR_ENCRYPTED_DATA_LEN_RANGE', 'The encrypted data do not end with a block.')
}

/** The last bytes of two pieces. */
function lastOf(first: Uint8Array, second: Uint8Array, count: number): Uint8Array {
  if (second.length >= count) return second.subarray(second.length - count)
  return Buffer.concat([first.subarray(first.length + second.length - count), second])
}

/** What is added to data whose last block has `lastBytes`: bytes that tell their number (RFC 5652, section 6.3). */
function paddingOf(lastBytes: number, blockBytes: number): Buffer {
  const count = blockBytes - lastBytes
  return Buffer.alloc(count, count)
}

/**
 * The last block without its padding, a part of what is given. How long it takes tells nothing of how the padding is wrong.
 * @throws Ep11Error `CKR_ENCRYPTED_DATA_INVALID`
 */
function withoutPadding(last: Buffer): Buffer {
  const count = last.readUInt8(last.length - 1)
  // Without a branch, by signs of differences: a count that is none, then each byte that should be padding and is not.
  let wrong = ((count - 1) >>> 31) | ((last.length - count) >>> 31)
  for (let back = 1; back <= last.length; back++) {
    const isPadding = ((back - count - 1) >> 31) & 0xff
    wrong |= isPadding & (last.readUInt8(last.length - back) ^ count)
  }
  if (wrong !== 0) throw new Ep11Error('CKR_ENCRYPTED_DATA_INVALID', 'The encrypted data cannot be decrypted.')
  return last.subarray(0, last.length - count)
}
