/** How many there are of each: members of groups that have a bound and are forgotten when the last member leaves. */

export class Crowd<Member> {
  readonly #most: number
  readonly #groups = new Map<string, Set<Member>>()

  /** @param most members of one group */
  constructor(most: number) {
    this.#most = most
  }

  /** @param most members of the group, where it is less than what each may have */
  hasRoom(group: string, most = this.#most): boolean {
    return (this.#groups.get(group)?.size ?? 0) < Math.min(most, this.#most)
  }

  /** False, and nothing is changed, when the group has no room. */
  enter(group: string, member: Member, most = this.#most): boolean {
    if (!this.hasRoom(group, most)) return false
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
