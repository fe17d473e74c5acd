/** What carries a message to a target of one kind: each attempt of each kind gives the same guarantees. */
import type { AttemptParts, Outcome } from './attempt.ts'
import type { Message } from './messages.ts'
import type { Target, TargetKind } from './targets.ts'

export interface Carrier {
  /** What one attempt may take, milliseconds. */
  readonly attemptMs: number
  /**
   * Delivers once. Never throws, and ends within `parts.attemptMs` whatever the other side does. Connects to checked addresses
   * only, and over verified TLS unless the operator listed the address.
   * @param secret the target's, opened; it stays out of outcomes and logs
   */
  deliver(message: Message, target: Target, secret: string, parts: AttemptParts, stopped: AbortSignal): Promise<Outcome>
}

export type Carriers = Readonly<Record<TargetKind, Carrier>>

/** The settings of a target, which were checked when it was made; undefined when they cannot be read. */
export function settingsOf<Settings extends object>({ settings }: Pick<Target, 'settings'>): Settings | undefined {
  try {
    const read: unknown = JSON.parse(settings)
    return typeof read === 'object' && read !== null ? (read as Settings) : undefined
  } catch {
    return undefined
  }
}
