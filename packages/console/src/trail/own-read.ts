/** Which events the console causes by looking at the trail. */
import type { ActivityEvent } from '@keywitness/cadf'

/**
 * Whether an event is a read of the trail by the person who is looking at it now. Such rows never make the console read
 * more, or it would go on for ever: reading makes an event, which shows as a row, which wants to be read.
 */
export function isOwnRead(event: ActivityEvent, identityId: string): boolean {
  return event.action.startsWith('activity-tracker.') && event.initiator.id === identityId
}
