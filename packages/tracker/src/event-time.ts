/** The time of an event, from its text. Events of one minute come one behind the other: the minute is parsed once. */
import { parseEventTime } from '@keywitness/cadf'

/** The minute parsed last. */
let latestMinute = { text: '', ms: 0 }
/** `YYYY-MM-DDTHH:mm:`, and what follows it in our own form. */
const minuteLength = 17
const rest = /^([0-5]\d)\.(\d\d)\+0000$/

/** Milliseconds since the epoch; undefined when the text is no time that exists. */
export function eventTimeOf(text: string): number | undefined {
  const tail = rest.exec(text.slice(minuteLength))
  const within = tail === null ? 0 : Number(tail[1]) * 1_000 + Number(tail[2]) * 10
  if (tail !== null && latestMinute.text !== '' && text.startsWith(latestMinute.text)) return latestMinute.ms + within
  try {
    const ms = parseEventTime(text)
    if (tail !== null) latestMinute = { text: text.slice(0, minuteLength), ms: ms - within }
    return ms
  } catch {
    return undefined
  }
}
