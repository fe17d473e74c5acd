/** `channel.fail`: a message to a channel becomes a dead letter, with the event that says so; and how its deliveries go. */
import { messageDelivered } from '../../outbound/messages.ts'
import type { TargetOwner } from '../../outbound/outbound.ts'
import type { Change } from '../../store/store.ts'
import { trackerOf } from '../jobs.ts'
import type { AlertingParts } from '../parts.ts'
import { circumstancesOf } from '../raising/raise.ts'
import { deliveryEnded } from './channel-rows.ts'

type OwnerParts = Pick<AlertingParts, 'reader' | 'channels' | 'audit' | 'names' | 'serviceName' | 'clock'> & {
  /** Makes bookkeeping durable, without an event. */
  readonly carry: (changes: readonly Change[]) => Promise<void>
}

export function channelOwner(parts: OwnerParts): TargetOwner {
  const { reader, channels, audit, names, clock, carry } = parts
  return {
    owns: (target) => channels.ofTarget(target) !== undefined,
    isHeld: (target) => channels.ofTarget(target)?.isOn === 0,
    noted: ({ target }, problem) => [deliveryEnded(target, problem, clock.now())],
    giveUp: async (message, problem, changes) => {
      // One that is late says nothing any more: the next one does.
      if (message.type === 'channel.heartbeat') {
        const now = clock.now()
        return await carry([messageDelivered(message), deliveryEnded(message.target, problem, now)])
      }
      const channel = channels.ofTarget(message.target)
      const tracker = channel === undefined ? undefined : trackerOf(reader, channel.tracker)
      // Gone meanwhile, and the message with it; or its tracker is, and it goes soon.
      if (channel === undefined) return
      if (tracker === undefined) return await carry(changes)
      const target = { id: names.crn(tracker), name: channel.name }
      await audit.witness('activity-tracker.channel.fail', circumstancesOf(parts, tracker), target, (seen) => {
        seen.request.channel = channel.id
        seen.request.messageId = message.id
        seen.request.messageType = message.type
        seen.request.attempts = message.attempts + 1
        return { result: undefined, code: 502, changes, failure: `The message was not delivered: ${problem}.` }
      })
    },
  }
}
