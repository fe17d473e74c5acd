/** Where the next page of a list begins, as its clients get it: bound to the question, and good for no other. */
import { createHash } from 'node:crypto'
import { Refusal } from '../errors.ts'

/** A keystore and an object, by their numbers; all after it comes. */
export interface Position {
  readonly keystore: number
  readonly object: number
}

const start: Position = { keystore: 0, object: 0 }

const NUMBER_BYTES = 6
const DIGEST_BYTES = 16

/** @param question all that it asks for but how much at once */
export function pageToken(question: readonly unknown[], { keystore, object }: Position): Buffer {
  const token = Buffer.alloc(2 * NUMBER_BYTES + DIGEST_BYTES)
  token.writeUIntBE(keystore, 0, NUMBER_BYTES)
  token.writeUIntBE(object, NUMBER_BYTES, NUMBER_BYTES)
  digestOf(question).copy(token, 2 * NUMBER_BYTES)
  return token
}

/** @throws Refusal `KEYSTORE_PAGE_TOKEN` */
export function positionIn(question: readonly unknown[], token: Buffer | undefined): Position {
  if (token === undefined || token.length === 0) return start
  const isOurs = token.length === 2 * NUMBER_BYTES + DIGEST_BYTES
  if (!isOurs || !token.subarray(2 * NUMBER_BYTES).equals(digestOf(question))) throw new Refusal('KEYSTORE_PAGE_TOKEN')
  return { keystore: token.readUIntBE(0, NUMBER_BYTES), object: token.readUIntBE(NUMBER_BYTES, NUMBER_BYTES) }
}

function digestOf(question: readonly unknown[]): Buffer {
  return createHash('sha256').update(JSON.stringify(question)).digest().subarray(0, DIGEST_BYTES)
}
