/** What falls due in the lifecycle flow: actions to be ended, and what was kept long enough. */
import type { Clock } from '../clock.ts'
import type { Messages } from '../outbound/messages.ts'
import type { Change } from '../store/store.ts'
import type { TimerJob } from '../timers/timers.ts'
import { forgetAction, type LifecycleActions } from './actions.ts'
import { lifecycleLimits } from './limits.ts'
import type { Settling } from './settle.ts'

export interface LifecycleJobParts {
  readonly actions: LifecycleActions
  readonly settling: Settling
  readonly messages: Messages
  readonly clock: Pick<Clock, 'now'>
  /** Makes bookkeeping durable. */
  readonly carry: (changes: readonly Change[]) => Promise<void>
}

/** How often dead letters are looked through. */
const lettersEveryMs = 3_600_000

export function lifecycleJobs({ actions, settling, messages, clock, carry }: LifecycleJobParts): TimerJob[] {
  const { endedAtOnce, finishedKeepMs } = lifecycleLimits
  const settleAll = async (ids: readonly string[]): Promise<void> => {
    for (const id of ids) await settling.settle(id)
  }
  let lettersAt = clock.now()
  return [
    {
      // Those whose last acknowledgement was recorded just before a crash.
      name: 'lifecycle actions that are acknowledged',
      nextDue: () => (actions.hasReady() ? 0 : undefined),
      run: () => settleAll(actions.ready(endedAtOnce)),
    },
    {
      name: 'lifecycle actions whose time is over',
      nextDue: () => actions.nextDue(),
      run: (now) => settleAll(actions.overdue(now, endedAtOnce)),
      isFinal: true,
    },
    {
      name: 'lifecycle actions kept long enough',
      nextDue: () => {
        const oldest = actions.oldestFinished()
        return oldest === undefined ? undefined : oldest + finishedKeepMs + 1
      },
      run: (now) => carry(actions.finishedBefore(now - finishedKeepMs, endedAtOnce).map(forgetAction)),
      isFinal: true,
    },
    {
      name: 'dead letters kept long enough',
      nextDue: () => lettersAt + lettersEveryMs,
      run: async (now) => {
        lettersAt = now
        const outdated = messages.outdated(now)
        if (outdated.length > 0) await carry(outdated)
      },
      isFinal: true,
    },
  ]
}
