/** The bounds of registrations. */

export const registrationLimits = {
  /** Of one key; each lifecycle action of the key waits for all of them. */
  perKey: 5_000,
  /** Characters of a resource's CRN, as an event holds it. */
  crnLength: 512,
  descriptionLength: { min: 0, max: 240 },
  metadataLength: { min: 0, max: 2_048 },
  /** Resources of one call of the older form. */
  deactivated: { max: 100 },
  page: { default: 200, max: 5_000 },
} as const
