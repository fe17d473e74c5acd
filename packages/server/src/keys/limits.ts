/** The bounds and waiting times of the key service (reference: kms-rest-api.md, section 8.8). */

const second = 1_000
const hour = 3_600 * second
const day = 24 * hour

export const keyLimits = {
  /** Keys of one instance, destroyed ones included. */
  keysPerInstance: 50_000,
  versionsPerKey: 1_000,
  /** Characters. */
  nameLength: { min: 2, max: 90 },
  descriptionLength: { min: 2, max: 240 },
  tags: 30,
  tagLength: 30,
  /** Bytes of root key material, before base64. */
  rootMaterialBytes: [16, 24, 32],
  standardMaterialBytes: 7_500,
  /** Bytes of generated material, of root and standard keys. */
  generatedBytes: 32,
  /** Base64 characters. */
  plaintextLength: 4_096,
  aadEntries: 126,
  aadEntryLength: 255,
  /** Base64 characters; a ciphertext of the longest plaintext has about 5,900. */
  ciphertextLength: 8_192,
  page: { default: 200, max: 5_000 },
  sortLength: 256,
  /** Characters. */
  aliasLength: { min: 2, max: 90 },
  aliasesPerKey: 5,
  aliasesPerInstance: 1_000,
  /** Besides the ring `default`. */
  ringsPerInstance: 50,
  /** Destroyed keys that may leave a key ring with its deletion, each with an event of its own. */
  keysMovedAtOnce: 1_000,
  ringPage: { default: 100, max: 5_000 },
  /** Keys a search looks at. */
  searchSpace: 5_000,
  searchLength: 512,
  filterLength: 1_024,
  filterTermsPerProperty: 3,
  /** Whether a deactivated key may get new versions: HPCS says no, Key Protect yes (appendix B, 1). */
  rotatesDeactivated: false,
  /** Between two rotations by hand. */
  rotationIntervalMs: hour,
  /** From the last action on the key to its enabling or restoring. */
  enableAfterMs: 30 * second,
  restoreAfterMs: 30 * second,
  /** From the last action on the key, or its last synchronisation, to the next. */
  syncIntervalMs: hour,
  /** How long the first of two people's agreement to a deletion holds. */
  authorisationMs: 7 * day,
  /** From deletion on. */
  restoreForMs: 30 * day,
  purgeAfterMs: 4 * hour,
  purgeScheduledAfterMs: 90 * day,
} as const

/** Those of the bounds that an operator or a test may set otherwise. */
export type KeyLimits = Readonly<
  Record<
    | 'keysPerInstance'
    | 'versionsPerKey'
    | 'aliasesPerKey'
    | 'aliasesPerInstance'
    | 'ringsPerInstance'
    | 'keysMovedAtOnce'
    | 'searchSpace'
    | 'rotationIntervalMs'
    | 'enableAfterMs'
    | 'restoreAfterMs'
    | 'syncIntervalMs'
    | 'authorisationMs'
    | 'restoreForMs'
    | 'purgeAfterMs'
    | 'purgeScheduledAfterMs',
    number
  > & { rotatesDeactivated: boolean }
>
