/** The time of an event, from its text. Events of one minute come one behind the other: the minute is parsed once. */
import { parseEventTime } from '@keywitness/cadf'

/** The minute parsed last. */
let latestMinute = { text: '', ms: 0 }
/** `YYYY-MM-DDTHH:mm:`, and with it the whole in our own form, `SS.ss+0000`. */
const minuteLength = 17
const formLength = 27

/** Milliseconds since the epoch; undefined when the text is no time that exists. */
export function eventTimeOf(text: string): number | undefined {
  const within = withinMinute(text)
  if (within !== undefined && latestMinute.text !== '' && text.startsWith(latestMinute.text)) {
    return latestMinute.ms + within
  }
  try {
    const ms = parseEventTime(text)
    if (within !== undefined) latestMinute = { text: text.slice(0, minuteLength), ms: ms - within }
    return ms
  } catch {
    return undefined
  }
}

/** Milliseconds since the minute began; undefined for a text in another form. */
function withinMinute(text: string): number | undefined {
  if (text.length !== formLength || text[19] !== '.' || !text.endsWith('+0000')) return undefined
  const ms = twoDigitsAt(text, minuteLength) * 1_000 + twoDigitsAt(text, 20) * 10
  return ms < 60_000 ? ms : undefined
}

/** Not a number where there are others than digits. */
function twoDigitsAt(text: string, at: number): number {
  const tens = text.charCodeAt(at) - 0x30
  const ones = text.charCodeAt(at + 1) - 0x30
  return tens >= 0 && tens <= 9 && ones >= 0 && ones <= 9 ? tens * 10 + ones : Number.NaN
}
