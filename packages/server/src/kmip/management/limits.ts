/** The bounds of KMIP management (reference: kms-rest-api.md, sections 4.3 and 7.10). */

export const kmipLimits = {
  adaptersPerInstance: 200,
  /** Objects of one adapter that are not destroyed: clients such as vCenter never delete one. */
  objectsPerAdapter: 1_000_000,
  certificatesPerAdapter: 200,
  /** Characters of the name of an adapter or a certificate. */
  nameLength: { min: 2, max: 40 },
  descriptionLength: 240,
  page: { default: 100, max: 200 },
  objectPage: { default: 100, max: 5_000 },
  /** Objects that one search looks at. */
  searchSpace: 5_000,
  /** Characters of a search. */
  searchLength: 512,
  /** Characters of an object's names that a list shows: the names of one object may fill its attributes. */
  listedNameLength: 1_024,
} as const
