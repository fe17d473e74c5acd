/** How many batches of other servers are under way at once, and how many bytes of them are held. */
import { Refusal } from '../../errors.ts'

export interface DeliveryBounds {
  readonly deliveries: number
  readonly deliveriesOfAccount: number
  readonly deliveryBytes: number
  readonly deliveryBytesOfAccount: number
}

interface Taken {
  count: number
  bytes: number
}

export class DeliveryRoom {
  readonly #bounds: DeliveryBounds
  readonly #all: Taken = { count: 0, bytes: 0 }
  readonly #accounts = new Map<string, Taken>()

  constructor(bounds: DeliveryBounds) {
    this.#bounds = bounds
  }

  /**
   * Takes room for a batch, before any of it is read, until what is returned is called; calling it again does nothing.
   * @throws Refusal TOO_MANY_REQUESTS
   */
  take(account: string, bytes: number): () => void {
    const { deliveries, deliveriesOfAccount, deliveryBytes, deliveryBytesOfAccount } = this.#bounds
    const all = this.#all
    const own = this.#accounts.get(account) ?? { count: 0, bytes: 0 }
    const isFull =
      all.count >= deliveries ||
      own.count >= deliveriesOfAccount ||
      all.bytes + bytes > deliveryBytes ||
      own.bytes + bytes > deliveryBytesOfAccount
    if (isFull) throw new Refusal('TOO_MANY_REQUESTS')
    this.#accounts.set(account, own)
    for (const taken of [all, own]) {
      taken.count += 1
      taken.bytes += bytes
    }
    let isTaken = true
    return () => {
      if (!isTaken) return
      isTaken = false
      for (const taken of [all, own]) {
        taken.count -= 1
        taken.bytes -= bytes
      }
      if (own.count === 0) this.#accounts.delete(account)
    }
  }
}
