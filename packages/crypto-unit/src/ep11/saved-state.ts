/**
 * What running operations save themselves as, whatever they are: our version, the mechanism, then fields of their own.
 * It proves nothing of itself: the caller seals it, and holds the seal against what it is given back.
 */
import { Ep11Error } from './ep11-error.ts'

/** Counted up when the fields of any operation change; states of another version are refused. */
const VERSION = 1

/** What a saved state never exceeds. */
export const SAVED_BYTES_MAX = 1024

/** Version (1), CKM_ value (4), then the fields. */
export function writeSaved(mechanism: number, ...fields: readonly Uint8Array[]): Buffer {
  const head = Buffer.alloc(5)
  head.writeUInt8(VERSION)
  head.writeUInt32BE(mechanism, 1)
  return Buffer.concat([head, ...fields])
}

/** Reads the fields of a state of one mechanism in their order. */
export class SavedReader {
  readonly #bytes: Buffer
  #at = 5

  /** @throws Ep11Error `CKR_SAVED_STATE_INVALID`: as everything here */
  constructor(mechanism: number, saved: Buffer) {
    demandSaved(saved.length >= this.#at && saved.length <= SAVED_BYTES_MAX)
    demandSaved(saved.readUInt8() === VERSION && saved.readUInt32BE(1) === mechanism)
    this.#bytes = saved
  }

  /** A copy of the next bytes. */
  take(count: number): Buffer {
    demandSaved(count <= this.#bytes.length - this.#at)
    this.#at += count
    return Buffer.from(this.#bytes.subarray(this.#at - count, this.#at))
  }

  end(): void {
    demandSaved(this.#at === this.#bytes.length)
  }
}

/** @throws Ep11Error `CKR_SAVED_STATE_INVALID` */
export function demandSaved(fits: boolean): void {
  if (!fits) throw new Ep11Error('CKR_SAVED_STATE_INVALID', 'The saved state is none of this operation.')
}
