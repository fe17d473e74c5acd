/** The event by which a log changes the key that signs it, found in an entry's bytes. */
import { parseEntry } from './entry.ts'
import { EntryTooLarge, EventError } from './error.ts'

/** What it says; nothing of it is verified: see `openKeyChange` of tlog. */
export interface KeyAnnouncement {
  /** Verifier key that signs from here on. */
  readonly key: string
  readonly previousKey: string
  /** The previous key's signature over the new one. */
  readonly voucher: string
  readonly overlapSeconds: number
}

const action = 'activity-tracker.log-key.rotate'
/** A canonical entry begins so: members stand in their order. */
const start = new TextEncoder().encode(`{"event":{"action":"${action}"`)

/** The announcement that an entry is, or undefined when it is something else. */
export function keyAnnouncementIn(entry: Uint8Array): KeyAnnouncement | undefined {
  for (const [place, byte] of start.entries()) if (entry[place] !== byte) return undefined
  try {
    const { event } = parseEntry(entry)
    const { overlapSeconds } = event.requestData ?? {}
    const { newKey: key, previousKey, voucher } = event.responseData ?? {}
    const areTexts = typeof key === 'string' && typeof previousKey === 'string' && typeof voucher === 'string'
    if (event.outcome !== 'success' || !areTexts || typeof overlapSeconds !== 'number') return undefined
    return { key, previousKey, voucher, overlapSeconds }
  } catch (error) {
    if (error instanceof EventError || error instanceof EntryTooLarge) return undefined
    throw error
  }
}
