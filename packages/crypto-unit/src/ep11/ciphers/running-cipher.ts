/** Block ciphers in one shot and in parts: whole blocks leave at once, the rest is held back with the running vector. */
import { Ep11Error } from '../ep11-error.ts'
import type { Direction, RunningCipher } from '../mechanism-parts.ts'
import { demandSaved, SavedReader, writeSaved } from '../saved-state.ts'
import type { BlockCipher } from './block-cipher.ts'
import { type BlockMode, runBlocks } from './chained-cipher.ts'

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
    const partBytes = leaving - this.#held.length
    const blocks = Buffer.concat([this.#held, data.subarray(0, partBytes)])
    const output = run(this.#use, this.#vector, blocks)
    if (this.#use.mode === 'cbc') {
      const ciphertext = this.#use.direction === 'encrypt' ? output : blocks
      this.#vector = Buffer.from(ciphertext.subarray(-blockBytes))
    }
    blocks.fill(0)
    this.#hold(Buffer.from(data.subarray(partBytes)))
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
    if (direction === 'encrypt') return runPadded(this.#use, this.#vector, this.#held)
    if (this.#held.length !== cipher.blockBytes) throw lengthError(direction)
    return withoutPadding(run(this.#use, this.#vector, this.#held))
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
  if (isPadded && direction === 'encrypt') return runPadded(use, vector, data)
  if (lastBytes !== 0 || (isPadded && data.length === 0)) throw lengthError(direction)
  const output = run(use, vector, data)
  if (!isPadded) return output
  const last = output.length - blockBytes
  return output.subarray(0, last + withoutPadding(output.subarray(last)).length)
}

/** Whole blocks; `vector` as `RunningBlockCipher` takes it. */
function run({ cipher, mode, direction }: CipherUse, vector: Uint8Array, blocks: Uint8Array): Buffer {
  return runBlocks(cipher, mode, direction, vector, blocks)
}

/** Encrypts data with their padding. */
function runPadded(use: CipherUse, vector: Uint8Array, data: Uint8Array): Buffer {
  const { blockBytes } = use.cipher
  const blocks = Buffer.concat([data, paddingOf(data.length % blockBytes, blockBytes)])
  const output = run(use, vector, blocks)
  blocks.fill(0)
  return output
}

/** For data that are not whole blocks. */
function lengthError(direction: Direction): Ep11Error {
  return direction === 'encrypt'
    ? new Ep11Error('CKR_DATA_LEN_RANGE', 'The data do not end with a block.')
    : new Ep11Error('CKR_ENCRYPTED_DATA_LEN_RANGE', 'The encrypted data do not end with a block.')
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
