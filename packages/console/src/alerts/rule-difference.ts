/** What differs between two rules, member by member: of a condition each of its own members, of lists their values. */

export interface MemberDifference {
  /** Such as `when.within`. */
  readonly path: string
  /** Undefined where it is not there. */
  readonly before: string | undefined
  readonly after: string | undefined
}

/** In the order in which the members stand, those of the first before those that only the second has. */
export function differencesOf(before: object | null, after: object | null): readonly MemberDifference[] {
  const [old, next] = [flat(before), flat(after)]
  return [...new Set([...old.keys(), ...next.keys()])].flatMap((path) => {
    const sides = { before: old.get(path), after: next.get(path) }
    return sides.before === sides.after ? [] : [{ path, ...sides }]
  })
}

function flat(value: unknown, path = '', found = new Map<string, string>()): ReadonlyMap<string, string> {
  if (Array.isArray(value) && value.every((each) => typeof each === 'string')) {
    found.set(path, value.join(', '))
  } else if (typeof value === 'object' && value !== null) {
    for (const [name, member] of Object.entries(value)) flat(member, path === '' ? name : `${path}.${name}`, found)
  } else if (path !== '') {
    found.set(path, String(value))
  }
  return found
}
