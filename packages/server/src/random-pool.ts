/** Random bytes in pieces of one length, drawn for many at once: each draw alone costs more than what an identifier is for. */
import { randomFillSync } from 'node:crypto'

/** Pieces of one draw. */
const pieces = 512

/** @returns what gives the next piece; a piece is read before the next one is taken, and never for key material */
export function randomPool(pieceBytes: number): () => Uint8Array {
  const pool = new Uint8Array(pieceBytes * pieces)
  let at = pool.length
  return () => {
    if (at === pool.length) {
      randomFillSync(pool)
      at = 0
    }
    at += pieceBytes
    return pool.subarray(at - pieceBytes, at)
  }
}
