/** Key rings by name. */

/** The ring of keys that name none; it cannot be created or deleted. */
export const defaultRing = 'default'

const ringName = /^[A-Za-z0-9_-]{2,100}$/

/** Whether a text can name a ring at all (reference section 7.5); anything else never enters an event. */
export function isRingName(text: string): boolean {
  return ringName.test(text)
}
