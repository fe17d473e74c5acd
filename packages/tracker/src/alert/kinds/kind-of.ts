/** The detector of a condition. */
import type { Condition } from '../rule.ts'
import { Absence } from './absence.ts'
import { Count } from './count.ts'
import { Deadline } from './deadline.ts'
import { Distinct } from './distinct.ts'
import { History } from './history.ts'
import { type Kind, type Setting } from './kind.ts'
import { Match } from './match.ts'
import { New } from './new.ts'
import { Ratio } from './ratio.ts'
import { Sequence } from './sequence.ts'
import { Travel } from './travel.ts'

/** Undefined for what no event tells: it is watched elsewhere. */
export function kindOf(when: Condition, setting: Setting): Kind | undefined {
  switch (when.kind) {
    case 'match':
      return new Match(when)
    case 'count':
      return new Count(when, setting)
    case 'distinct':
      return new Distinct(when, setting)
    case 'ratio':
      return new Ratio(when, setting)
    case 'absence':
      return new Absence(when, setting)
    case 'new':
      return new New(when, setting)
    case 'sequence':
      return new Sequence(when, setting)
    case 'history':
      return new History(when, setting)
    case 'deadline':
      return new Deadline(when, setting)
    case 'travel':
      return new Travel(when, setting)
    case 'watch':
      return undefined
  }
}
