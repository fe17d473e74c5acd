/** A message for Slack's incoming webhooks and what is compatible with them: plain text throughout, nobody is mentioned. */
import type { AlertMessage } from './alert-message.ts'
import { someLines } from './clean-text.ts'
import { eventLinesOf, factsOf, headingOf } from './wording.ts'

/** Slack's, characters. */
const limits = { header: 150, text: 3_000, button: 75 } as const
const fallbackChars = 600

/** The body of the post. */
export function renderSlack(message: AlertMessage): string {
  const { text, remedy, comment, url } = message
  const heading = headingOf(message)
  const events = eventLinesOf(message)
  const facts = factsOf(message).map(([label, value]) => `${label}: ${value}`)
  const sections = [text, comment, remedy, facts.join('\n'), events.join('\n')]
  const blocks = [
    { type: 'header', text: plain(heading, limits.header) },
    ...sections.flatMap((one) =>
      one === undefined || one === '' ? [] : [{ type: 'section', text: plain(one, limits.text) }],
    ),
    ...(url === undefined
      ? []
      : [{ type: 'actions', elements: [{ type: 'button', text: plain('Open in the console', limits.button), url }] }]),
  ]
  return JSON.stringify({ text: fallback(`${heading}\n${text}`), mrkdwn: false, blocks })
}

/** Slack interprets nothing in it: no mention, no link, no emoji by its name. */
function plain(text: string, chars: number): object {
  return { type: 'plain_text', text: someLines(text, chars, 100), emoji: false }
}

/**
 * What notifications show, and systems that know no blocks. `&`, `<` and `>` as Slack wants them; and for systems that read
 * Markdown, no `@` that mentions and no brackets that make a link say something else than where it leads.
 */
function fallback(text: string): string {
  return someLines(text, fallbackChars, 10)
    .replaceAll('@', '＠')
    .replaceAll('[', '(')
    .replaceAll(']', ')')
    .replaceAll('`', "'")
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
}
