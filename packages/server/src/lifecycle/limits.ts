/** The bounds of the lifecycle flow (reference: kms-rest-api.md, sections 8.8 and 8.9). Times in milliseconds. */

const hour = 3_600_000

export const lifecycleLimits = {
  /** From the action to the last acknowledgement. */
  acknowledgeWithinMs: 4 * hour,
  /** How long a finished action stays known, so that a late acknowledgement is told why it is refused. */
  finishedKeepMs: 30 * 24 * hour,
  /** Actions ended in one turn. */
  endedAtOnce: 50,
  /** Resources named in one message; the service lists the others. */
  resourcesTold: 100,
  /** Actions in one answer to a service that asks what it has to acknowledge; each names its resources. */
  pendingAtOnce: 100,
  /** Adopting services of one account. */
  adoptersPerAccount: 200,
  /** How long a message that is sent again at somebody's wish is tried. */
  resentForMs: 4 * hour,
} as const
