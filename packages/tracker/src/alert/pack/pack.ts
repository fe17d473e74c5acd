/** The rules that the product ships, and the calendar that they name. */
import type { Calendar } from '../rule.ts'
import { accessRules } from './access-rules.ts'
import { keyRules } from './key-rules.ts'
import type { PackRule } from './pack-rule.ts'
import { policyRules } from './policy-rules.ts'
import { trailRules } from './trail-rules.ts'
import { unitRules } from './unit-rules.ts'
import { usageRules } from './usage-rules.ts'

export const rulePack: readonly PackRule[] = [
  ...keyRules,
  ...policyRules,
  ...accessRules,
  ...usageRules,
  ...unitRules,
  ...trailRules,
]

const workday = [['08:00', '18:00']] as const

/** A guess until somebody sets it: when people work, nobody knows who ships rules. */
const workingHours: Calendar = {
  id: 'working-hours',
  name: 'Working hours',
  zone: 'UTC',
  hours: { '1': workday, '2': workday, '3': workday, '4': workday, '5': workday },
  holidays: [],
}

export const packCalendars: readonly Calendar[] = [workingHours]
