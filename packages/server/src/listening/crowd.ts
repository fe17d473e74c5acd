/** How many there are of each: members of groups that have a bound and are forgotten when the last member leaves. */

export class Crowd<Member> {
  readonly #most: number
  readonly #groups = new Map<string, Set<Member>>()

  /** @param most members of one group */
  constructor(most: number) {
    this.#most = most
  }

  hasRoom(group: string): boolean {
    return (this.#groups.get(group)?.size ?? 0) < this.#most
  }

  /** False, and nothing is changed, when the group has no room. */
  enter(group: string, member: Member): boolean {
    if (!this.hasRoom(group)) return false
    const members = this.#groups.get(group) ?? new Set<Member>()
    this.#groups.set(group, members.add(member))
    return true
  }

  leave(group: string, member: Member): void {
    const members = this.#groups.get(group)
    members?.delete(member)
    if (members?.size === 0) this.#groups.delete(group)
  }

  /** Those who are in it now. */
  of(group: string): readonly Member[] {
    return [...(this.#groups.get(group) ?? [])]
  }
}
