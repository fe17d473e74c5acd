/** The bounds of EP11 keystores (reference grep11, section 16; where it has none they are ours). */

export const keystoreLimits = {
  keystoresPerInstance: 1_000,
  authenticatedPerInstance: 5,
  /** Keys, certificates and data in all keystores of an instance. */
  objectsPerInstance: 20_000,
  /** Of the object, and of all values of its attributes together. */
  objectBytes: 64 * 1024,
  attributes: 64,
  attributeBytes: 64 * 1024,
  txIdBytes: 64,
  nameLength: 64,
  /** Identifiers that one question may name. */
  ids: 1_000,
  page: { default: 200, max: 5_000 },
  /** Of all objects of one page with their attributes: it fits into what clients of gRPC take at once, 4 MiB. */
  pageBytes: 3 * 1024 * 1024,
  /** Objects that one search looks at: where they do not do, the answer ends early and says where to go on. */
  searched: 2_000,
} as const
