/** What differs between two rules, member by member: of a condition each of its own members, of lists their values. */

export interface MemberDifference {
  /** Such as `when.within`. */
  readonly path: string
  /** Undefined where it is not there. */
  readonly before: string | undefined
  readonly after: string | undefined
  /** Of a member of a condition: of which kind it is a member, on the side where it is there. */
  readonly kind?: string
}

/** In the order in which the members stand, those of the first before those that only the second has. */
export function differencesOf(before: object | null, after: object | null): readonly MemberDifference[] {
  const [old, next] = [flat(before), flat(after)]
  return [...new Set([...old.keys(), ...next.keys()])].flatMap((path) => {
    const sides = { before: old.get(path), after: next.get(path) }
    if (sides.before === sides.after) return []
    const kind = path.startsWith('when.') ? (sides.after === undefined ? old : next).get('when.kind') : undefined
    return [{ path, ...sides, ...(kind !== undefined && { kind }) }]
  })
}

function flat(value: unknown, path = '', found = new Map<string, string>()): ReadonlyMap<string, string> {
  if (isTexts(value)) {
    found.set(path, value.join(', '))
  } else if (Array.isArray(value) && value.every(isTexts)) {
    // Hours of a day, which are told as they are typed, or fields that are compared.
    found.set(path, value.map((pair) => pair.join(path.startsWith('hours.') ? '-' : ' = ')).join(', '))
  } else if (typeof value === 'object' && value !== null) {
    for (const [name, member] of Object.entries(value)) flat(member, path === '' ? name : `${path}.${name}`, found)
  } else if (path !== '') {
    found.set(path, String(value))
  }
  return found
}

function isTexts(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((each) => typeof each === 'string')
}
