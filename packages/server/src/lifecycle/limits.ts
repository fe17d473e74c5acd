/** The bounds of the lifecycle flow (reference: kms-rest-api.md, sections 8.8 and 8.9). */

const hour = 3_600_000

export const lifecycleLimits = {
  /** From the action to the last acknowledgement. */
  acknowledgeWithinMs: 4 * hour,
} as const
