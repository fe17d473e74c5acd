/** Whom an alert can be assigned to: who may act on alerts here, people before programs. */
import type { AuditHolder } from '../api/iam-api.ts'

export interface AssignChoice {
  readonly id: string
  /** The name; with the id where another has the same. */
  readonly text: string
}

export function assignable(holders: readonly Pick<AuditHolder, 'identity' | 'can'>[]): readonly AssignChoice[] {
  const able = holders
    .filter(({ identity, can }) => identity.state === 'active' && can.includes('trail.watch'))
    .map(({ identity }) => identity)
    .toSorted((a, b) => rank(a.kind) - rank(b.kind) || a.name.localeCompare(b.name))
  return able.map(({ id, name }) => {
    const isTwice = able.filter((each) => each.name === name).length > 1
    return { id, text: isTwice ? `${name} (${id})` : name }
  })
}

function rank(kind: string): number {
  return kind === 'user' ? 0 : 1
}
