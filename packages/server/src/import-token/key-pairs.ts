/** RSA key pairs, made off the serving thread and one at a time: making one keeps a processor busy for seconds. */
import { generateKeyPair } from 'node:crypto'
import { promisify } from 'node:util'
import { Refusal } from '../errors.ts'

export interface KeyPair {
  /** PEM, SubjectPublicKeyInfo. */
  readonly publicKey: string
  /** PKCS #8 in DER; whoever gets it zeroes it. */
  readonly privateKey: Uint8Array
}

/**
 * Makes one.
 * @throws Refusal `TOO_MANY_REQUESTS` when too many are waiting for theirs already
 */
export type MakeKeyPair = () => Promise<KeyPair>

/** Waiting for a key pair, the one being made included. */
const waitingMax = 16

const makeRsa = promisify(generateKeyPair)

/** `bits`: length of the modulus, at least 2048. */
export function keyPairs(bits: number): MakeKeyPair {
  let last: Promise<unknown> = Promise.resolve()
  let waiting = 0
  const make = async (): Promise<KeyPair> => {
    const { publicKey, privateKey } = await makeRsa('rsa', {
      modulusLength: bits,
      publicKeyEncoding: { type: 'spki', format: 'pem' },
      privateKeyEncoding: { type: 'pkcs8', format: 'der' },
    })
    return { publicKey, privateKey }
  }
  return async () => {
    if (waiting >= waitingMax) throw new Refusal('TOO_MANY_REQUESTS')
    waiting += 1
    const turn = last.then(make)
    last = turn.catch(() => undefined)
    try {
      return await turn
    } finally {
      waiting -= 1
    }
  }
}
