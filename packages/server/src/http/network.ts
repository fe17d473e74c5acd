/** What a listener asks about where a request comes from, before the operation it aims at. */

/** Where a request comes from. */
interface Peer {
  readonly isPrivate: boolean
  /** Address of the client, whichever network it came by. */
  readonly address: string
}

/** From where an instance takes requests. */
export interface NetworkRules {
  /** @throws Refusal `UNAUTHORIZED_ERR` when the instance takes no requests from this network */
  requireNetwork(peer: Peer): void
  /** @throws Refusal `UNAUTHORIZED_ERR` when the instance takes no requests from this address */
  requireAddress(peer: Peer): void
}

export interface NetworkPolicies {
  /** The rules of now. `revision`: that of the instance's network policies, when it was just read. */
  rulesOf(instance: string, revision?: number): NetworkRules
}
