/** One crash round: load, a fault at a random moment, a restart, and the acceptance check. */
import { allKeyIds, broken, covered, verifiedLog } from './audit-check.ts'
import { Client } from './client.ts'
import { startLoad } from './load.ts'
import { type Product, startProduct } from './product.ts'

export interface RoundReport {
  readonly ended: { readonly code: number | null; readonly signal: NodeJS.Signals | null }
  readonly answered: number
  readonly unanswered: number
  readonly entries: number
  readonly slowestMs: number
  readonly restartMs: number
  readonly wrong: readonly string[]
}

/** How long a client may be left without an answer or a closed connection (design 3). */
export const patienceMs = 3_000

/** Waits for a number of answered calls, so that the fault comes under load whatever the machine's speed. */
export async function answeredCalls(ledger: readonly unknown[], count: number): Promise<void> {
  const deadline = performance.now() + 30_000
  while (ledger.length < count) {
    if (performance.now() > deadline) throw new Error(`only ${ledger.length} of ${count} calls ended in time`)
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
}

/** What ends the product: a signal after a number of answered calls, or a fault switched on at its start. */
export type Harm =
  | { readonly after: number; readonly act: (product: Product) => Promise<void> }
  | { readonly fault: string }

/**
 * Starts the product on `data`, applies load until the harm has ended it, restarts it without a fault, and checks
 * everything there is to check. The restarted product is stopped again.
 */
export async function crashRound(data: string, harm: Harm): Promise<RoundReport> {
  const product = await startProduct({ data, ...('fault' in harm ? { fault: harm.fault } : {}) })
  const load = startLoad(product, 8)
  if ('act' in harm) {
    await answeredCalls(load.ledger, harm.after)
    await harm.act(product)
  }
  const ended = await product.ended
  await load.stop()
  const restarted = await startProduct({ data })
  try {
    const client = await new Client(restarted).signIn()
    await covered(client, restarted.location)
    const log = await verifiedLog(client, restarted.location)
    const wrong = broken(log, load.ledger, await allKeyIds(client))
    const answered = load.ledger.filter((line) => line.status !== undefined)
    return {
      ended,
      answered: answered.length,
      unanswered: load.ledger.length - answered.length,
      entries: log.length,
      slowestMs: Math.max(0, ...load.ledger.map((line) => line.tookMs)),
      restartMs: restarted.startMs,
      wrong,
    }
  } finally {
    await restarted.stop()
  }
}
