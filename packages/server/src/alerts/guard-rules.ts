/**
 * Rules that watch over alerting itself. A mute that does not name one does not hold for it, and who turns one down is told
 * of to all channels, whatever the rules say then: a rule that is off cannot tell that it was turned off.
 */
export const guardRules: ReadonlySet<string> = new Set(['alerts-silenced', 'audit-configuration-changed'])
