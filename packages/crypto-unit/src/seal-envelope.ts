/**
 * The seal in a file: its 32 bytes as they are, or in an envelope that only a passphrase opens.
 *
 * An envelope, version 1, is 98 bytes; numbers are big-endian:
 *
 *     0   8  magic: `KWITSEAL` in ASCII
 *     8   1  version: 1
 *     9   1  key derivation function: 1, Argon2id version 0x13 (RFC 9106)
 *    10   4  its memory in KiB
 *    14   4  its passes
 *    18   4  its lanes
 *    22  16  its salt
 *    38  12  nonce of AES-256-GCM
 *    50  32  ciphertext of the seal
 *    82  16  tag
 *
 * The key is the 32 bytes that Argon2id makes of the passphrase, in UTF-8 and normal form NFC so that every keyboard gives the
 * same bytes. The first 50 bytes are the associated data: whoever changes the header, be it to weaken what comes next, fails.
 */
import crypto from 'node:crypto'

/** Bytes of a seal. */
export const SEAL_BYTES = 32

/** The largest file that can hold a seal: whoever reads one reads no more. */
export const SEAL_FILE_BYTES_MAX = 98

const magic = Buffer.from('KWITSEAL')
const VERSION = 1
const ARGON2ID = 1
const SALT_AT = 22
const NONCE_AT = 38
const HEADER_BYTES = 50
const TAG_AT = 82
const KEY_BYTES = 32

/** What guessing one passphrase costs. */
export interface KdfParameters {
  readonly memoryKiB: number
  readonly passes: number
  readonly lanes: number
}

/** Of envelopes made here: the second choice of RFC 9106, with one lane since Node computes them one after the other. */
const parameters: KdfParameters = { memoryKiB: 64 * 1024, passes: 3, lanes: 1 }

/** Below these a passphrase would be guessed too cheaply (OWASP); above them a file that means harm could hold a start up. */
const bounds = {
  memoryKiB: { low: 19 * 1024, high: 512 * 1024 },
  passes: { low: 2, high: 16 },
  lanes: { low: 1, high: 4 },
} as const

export const PASSPHRASE_CHARACTERS_MIN = 12
const PASSPHRASE_CHARACTERS_MAX = 1_024

/**
 * `FORMAT`: neither a seal nor an envelope. `VERSION`, `PARAMETERS`: an envelope that is not taken. `PASSPHRASE`: one that is
 * not accepted for a new envelope. `DOES_NOT_OPEN`: another passphrase, or altered bytes; nobody can tell which. `DERIVATION`:
 * this machine cannot compute the key.
 */
export type SealEnvelopeErrorCode = 'FORMAT' | 'VERSION' | 'PARAMETERS' | 'PASSPHRASE' | 'DOES_NOT_OPEN' | 'DERIVATION'

/** No text holds anything of a seal or a passphrase. */
export class SealEnvelopeError extends Error {
  readonly code: SealEnvelopeErrorCode
  constructor(code: SealEnvelopeErrorCode, message: string, cause?: unknown) {
    super(message, { cause })
    this.name = 'SealEnvelopeError'
    this.code = code
  }
}

/** What a seal's file holds. */
export type SealFile =
  | { readonly kind: 'plain'; readonly seal: Uint8Array }
  | { readonly kind: 'protected'; readonly version: number; readonly kdf: KdfParameters }

/**
 * Tells a plain seal from an envelope, without opening it.
 * @throws SealEnvelopeError `FORMAT`, `VERSION`, `PARAMETERS`
 */
export function readSealFile(bytes: Uint8Array): SealFile {
  // By the magic first: an envelope that was cut to 32 bytes must not pass for a seal.
  if (!magic.equals(bytes.subarray(0, magic.length))) {
    if (bytes.length === SEAL_BYTES) return { kind: 'plain', seal: new Uint8Array(bytes) }
    throw new SealEnvelopeError('FORMAT', `It must hold exactly ${SEAL_BYTES} bytes, or a seal under a passphrase.`)
  }
  const version = bytes[magic.length]
  if (version !== undefined && version !== VERSION) {
    throw new SealEnvelopeError('VERSION', `It has format version ${version}; this program reads version ${VERSION}.`)
  }
  if (bytes.length !== SEAL_FILE_BYTES_MAX) {
    throw new SealEnvelopeError(
      'FORMAT',
      `It holds ${bytes.length} bytes of a seal under a passphrase, which has ${SEAL_FILE_BYTES_MAX}: it is damaged.`,
    )
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
  if (view.getUint8(9) !== ARGON2ID) {
    throw new SealEnvelopeError('PARAMETERS', 'It names an unknown key derivation function.')
  }
  const kdf = { memoryKiB: view.getUint32(10), passes: view.getUint32(14), lanes: view.getUint32(18) }
  for (const name of ['memoryKiB', 'passes', 'lanes'] as const) {
    const { low, high } = bounds[name]
    if (kdf[name] >= low && kdf[name] <= high) continue
    throw new SealEnvelopeError('PARAMETERS', `Its ${name} of Argon2id is ${kdf[name]}; ${low} to ${high} are taken.`)
  }
  return { kind: 'protected', version: VERSION, kdf }
}

/** Why a passphrase is not accepted for a new envelope; undefined when it is. */
export function passphraseFault(passphrase: string): string | undefined {
  const characters = Array.from(passphrase.normalize('NFC')).length
  if (characters < PASSPHRASE_CHARACTERS_MIN) {
    return `it has ${characters} characters and must have ${PASSPHRASE_CHARACTERS_MIN}, since whoever copies the file can guess as long as they like`
  }
  if (characters > PASSPHRASE_CHARACTERS_MAX) return `it is over ${PASSPHRASE_CHARACTERS_MAX} characters`
  // A key that moves the cursor leaves such a character, and a file's last line may lose its spaces: both lock people out.
  if (/\p{Cc}|\p{Cs}/u.test(passphrase)) return 'it holds a control character'
  if (passphrase !== passphrase.trim()) return 'it begins or ends with a space'
  return undefined
}

/**
 * Puts a seal into a new envelope.
 * @param kdf another cost than the usual, within the bounds
 * @throws SealEnvelopeError `PASSPHRASE`, `PARAMETERS`, `DERIVATION`
 */
export function protectSeal(seal: Uint8Array, passphrase: string, kdf: KdfParameters = parameters): Uint8Array {
  if (seal.length !== SEAL_BYTES) throw new SealEnvelopeError('FORMAT', `A seal has ${SEAL_BYTES} bytes.`)
  const fault = passphraseFault(passphrase)
  if (fault !== undefined) throw new SealEnvelopeError('PASSPHRASE', `The passphrase is not accepted: ${fault}.`)
  const envelope = Buffer.alloc(SEAL_FILE_BYTES_MAX)
  magic.copy(envelope)
  envelope.writeUInt8(VERSION, magic.length)
  envelope.writeUInt8(ARGON2ID, 9)
  envelope.writeUInt32BE(kdf.memoryKiB, 10)
  envelope.writeUInt32BE(kdf.passes, 14)
  envelope.writeUInt32BE(kdf.lanes, 18)
  crypto.randomFillSync(envelope, SALT_AT, HEADER_BYTES - SALT_AT)
  readSealFile(envelope)
  const key = deriveKey(envelope, passphrase, kdf)
  try {
    const cipher = crypto.createCipheriv('aes-256-gcm', key, envelope.subarray(NONCE_AT, HEADER_BYTES))
    cipher.setAAD(envelope.subarray(0, HEADER_BYTES))
    cipher.update(seal).copy(envelope, HEADER_BYTES)
    cipher.final()
    cipher.getAuthTag().copy(envelope, TAG_AT)
  } finally {
    key.fill(0)
  }
  return new Uint8Array(envelope)
}

/**
 * Opens an envelope.
 * @throws SealEnvelopeError `FORMAT`, `VERSION`, `PARAMETERS`, `DOES_NOT_OPEN`, `DERIVATION`
 */
export function openSeal(envelope: Uint8Array, passphrase: string): Uint8Array {
  const file = readSealFile(envelope)
  if (file.kind === 'plain') throw new SealEnvelopeError('FORMAT', 'It is not under a passphrase.')
  const key = deriveKey(envelope, passphrase, file.kdf)
  try {
    const decipher = crypto.createDecipheriv('aes-256-gcm', key, envelope.subarray(NONCE_AT, HEADER_BYTES))
    decipher.setAAD(envelope.subarray(0, HEADER_BYTES)).setAuthTag(envelope.subarray(TAG_AT))
    const seal = decipher.update(envelope.subarray(HEADER_BYTES, TAG_AT))
    decipher.final()
    return new Uint8Array(seal)
  } catch {
    throw new SealEnvelopeError('DOES_NOT_OPEN', 'The passphrase is another one, or the file was altered.')
  } finally {
    key.fill(0)
  }
}

function deriveKey(envelope: Uint8Array, passphrase: string, kdf: KdfParameters): Buffer {
  const message = Buffer.from(passphrase.normalize('NFC'))
  try {
    return crypto.argon2Sync('argon2id', {
      message,
      nonce: envelope.subarray(SALT_AT, NONCE_AT),
      parallelism: kdf.lanes,
      tagLength: KEY_BYTES,
      memory: kdf.memoryKiB,
      passes: kdf.passes,
    })
  } catch (error) {
    const needs = `Argon2id with ${kdf.memoryKiB / 1024} MiB of memory, which Node.js has from 24.7 on`
    throw new SealEnvelopeError('DERIVATION', `The key cannot be computed: it takes ${needs}.`, error)
  } finally {
    message.fill(0)
  }
}
