/** The bounds of the certificates that clients of EP11 are issued by (reference: cert-manager.md, section 10). */

export const certificateLimits = {
  /** Administrators with a signature key, of an instance. */
  administrators: 20,
  certificatesOfAdministrator: 20,
  /** Of those who have lost their key, too. */
  certificates: 100,
  /** How far the time in a signed command may be from ours. */
  freshMs: 300_000,
  /** Changing commands of one caller, whatever becomes of them. */
  commandsPerMinute: 30,
  /** Callers whose commands are counted at a time. */
  callers: 10_000,
  /** Bits of an RSA key: more cost the server more than they bring. */
  rsaBits: 8_192,
} as const
