/** How loud each state of a verification is. */
import type { Verification } from '../api/integrity-api.ts'
import type { StateTone } from '../shared/state-label.tsx'

const tones = { waiting: 'pending', running: 'pending', good: 'good', bad: 'critical', failed: 'warning' } as const

export function verificationTone(state: Verification['state']): StateTone {
  return tones[state]
}
