/** The vocabulary of the pipe between server and crypto unit: operations, statuses, limits. Frames: `frames.ts`. */

/** Announced by the server in HELLO; a unit of another version refuses. */
export const PROTOCOL_VERSION = 6

/** Largest key, state or data of one call of EP11: what a stock client of gRPC sends and takes at once. */
export const EP11_DATA_BYTES_MAX = 4 * 1024 * 1024
/** Largest frame on the pipe, length word not counted: the data of a call, and whatever else it brings. */
export const FRAME_BYTES_MAX = EP11_DATA_BYTES_MAX + 256 * 1024
/** Largest plaintext of one wrap. */
export const PLAINTEXT_BYTES_MAX = 64 * 1024
/** Largest additional authenticated data of one wrap. */
export const AAD_BYTES_MAX = 128 * 1024
/** Largest key material, which only a standard key reaches. */
export const MATERIAL_BYTES_MAX = 16 * 1024
/** Largest key material that is sealed under a root key without having been seen by the server. */
export const FRESH_BYTES_MAX = 512
/** Largest additional authenticated data of sealed key material: with it, key, data and their sizes fit one frame. */
export const MATERIAL_AAD_BYTES_MAX = 4 * 1024
/** Largest result of an encryption without its tag: padding and key wrapping add 16 bytes at most. */
export const CIPHERTEXT_BYTES_MAX = PLAINTEXT_BYTES_MAX + 16
/** Largest additional authenticated data of one use of a sealed key. */
export const ADDITIONAL_BYTES_MAX = 64 * 1024
/** Longest signature that is held against data: of an RSA key of 4096 bits, and of any other. */
export const SIGNATURE_BYTES_MAX = 1024
/** Longest SubjectPublicKeyInfo of a key that a secret is agreed on with. */
export const PUBLIC_KEY_BYTES_MAX = 1024
/** How often a password is hashed at most; with the longest key and the shortest hash this takes some ten seconds. */
export const DERIVATION_ITERATIONS_MAX = 1_000_000
/** Most random bytes given out at once. */
export const RANDOM_BYTES_MAX = 4 * 1024
/** Longest instance, key or unit id. */
export const ID_BYTES_MAX = 128
/** Longest sealed state, and longest request to a domain. */
export const STATE_BYTES_MAX = 128 * 1024

/** What a request asks for: the byte after its id. */
export const operations = {
  HELLO: 0x01,
  ADOPT: 0x02,
  CREATE: 0x03,
  TKE: 0x04,
  REPORT: 0x05,
  HOLD: 0x06,
  DIRECT: 0x07,
  ROOT: 0x08,
  GENERATE: 0x10,
  IMPORT: 0x11,
  EXPORT: 0x12,
  WRAP: 0x13,
  UNWRAP: 0x14,
  REWRAP: 0x15,
  REENCRYPT: 0x16,
  SEAL_FRESH: 0x17,
  APPLY: 0x18,
  RANDOM: 0x19,
  SEAL_PAIR: 0x1a,
  DERIVE: 0x1b,
  EP11: 0x20,
} as const

/** How an answer ended: the byte after its id. Every status but OK carries a text. */
export const statuses = {
  OK: 0,
  TAMPERED: 1,
  NOT_READY: 2,
  KIND: 3,
  BROKEN_BLOB: 4,
  LIMIT: 5,
  MALFORMED: 6,
  UNKNOWN_OPERATION: 7,
  BROKEN_STATE: 8,
  STALE_STATE: 9,
  FAILED: 10,
  INVALID: 11,
  BUSY: 12,
} as const

export type Status = keyof typeof statuses

const statusNames = new Map<number, Status>(
  (Object.entries(statuses) as [Status, number][]).map(([name, code]) => [code, name]),
)

/** Name of a status byte; a byte this version does not know counts as FAILED. */
export function statusName(code: number): Status {
  return statusNames.get(code) ?? 'FAILED'
}

/** Which purpose a blob serves; the number is bound into the blob. */
export const blobKinds = { 'root-key': 1, 'standard-key': 2 } as const
