/** Any event that the query finds: nothing is remembered. */
import type { MatchCondition, RuleQuery } from '../rule.ts'
import { type Found, type Kind, nothing, type Sight } from './kind.ts'

export class Match implements Kind {
  readonly queries: readonly RuleQuery[]
  readonly lookbackMs = 0
  readonly isSaturated = false

  constructor({ query }: MatchCondition) {
    this.queries = [query]
  }

  isMatch(found: number): boolean {
    return found !== 0
  }

  begin(): void {
    // Every event stands for itself.
  }

  see({ group, time, index }: Sight): readonly Found[] {
    return [{ group: group.values, at: time, trigger: index, events: [index], count: 1, facts: {} }]
  }

  tick(): readonly Found[] {
    return nothing
  }

  save(): unknown {
    return {}
  }

  load(): void {
    // There is nothing to take up again.
  }
}
