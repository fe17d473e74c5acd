/** What a listener asks about where a request comes from, before the operation it aims at. */

/** Where a request comes from. */
interface Peer {
  readonly isPrivate: boolean
  /** Address of the client, whichever network it came by. */
  readonly address: string
}

export interface NetworkPolicies {
  /** @throws Refusal `UNAUTHORIZED_ERR` when the instance takes no requests from this network */
  requireNetwork(instance: string, peer: Peer): void
  /** @throws Refusal `UNAUTHORIZED_ERR` when the instance takes no requests from this address */
  requireAddress(instance: string, peer: Peer): void
}
