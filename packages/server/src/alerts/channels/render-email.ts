/** A message as an e-mail: subject, text and HTML that loads nothing, headers by which retries and threads are recognised. */
import type { Letter } from '../../outbound/carriers/email.ts'
import type { AlertMessage } from './alert-message.ts'
import { oneLine } from './clean-text.ts'
import { digestSections, type Section } from './render-digest.ts'
import { eventLinesOf, factsOf, headingOf, type Sender, severityOf } from './wording.ts'

const subjectChars = 240

/** @param id of the message in the queue, the same at every attempt */
export function renderEmail(message: AlertMessage, id: string, { serviceName, cname }: Sender): Letter {
  const { alert, digest, url } = message
  const heading = headingOf(message)
  const sections = sectionsOf(message)
  const checkpoint = digest?.checkpoint
  const thread = alert === undefined ? undefined : messageId(alert.id, cname)
  return {
    subject: oneLine(`[${serviceName}] ${heading}`, subjectChars),
    text: textOf(heading, sections, url, checkpoint),
    html: htmlOf(heading, message, sections, serviceName),
    messageId: messageId(id, cname),
    // No letter has this id: all those of an alert hang under it, whichever arrives first.
    ...(thread === undefined ? {} : { inReplyTo: thread }),
    isUrgent: alert?.severity === 'critical' && message.type !== 'alert.closed',
    ...(checkpoint === undefined ? {} : { attachment: { filename: 'checkpoint.txt', content: checkpoint } }),
  }
}

/** Ids and names that are checked elsewhere; a character that has no place in a header is dropped all the same. */
function messageId(id: string, cname: string): string {
  const plain = (text: string): string => text.replaceAll(/[^A-Za-z0-9.-]/g, '').slice(0, 100)
  return `<${plain(id)}@${plain(cname)}>`
}

function sectionsOf(message: AlertMessage): Section[] {
  const { text, remedy, comment, digest } = message
  const events = eventLinesOf(message)
  const sections: (Section | undefined)[] = [
    text === '' ? undefined : { title: 'What happened', lines: [text] },
    comment === undefined ? undefined : { title: 'Comment', lines: comment.split('\n') },
    remedy === undefined || remedy === '' ? undefined : { title: 'What to do', lines: remedy.split('\n') },
    digest === undefined ? undefined : { title: 'Period', lines: [`${digest.period.from} to ${digest.period.to}`] },
    ...(digest === undefined ? [] : digestSections(digest)),
    { title: 'Facts', lines: factsOf(message).map(([label, value]) => `${label}: ${value}`) },
    events.length === 0 ? undefined : { title: 'Events', lines: events },
    digest?.verify === undefined
      ? undefined
      : { title: 'The signed checkpoint below is checked with', lines: [digest.verify] },
  ]
  return sections.filter((section) => section !== undefined)
}

/** Only headings begin at the margin: what somebody else chose cannot look like one. */
function textOf(heading: string, sections: readonly Section[], url: string | undefined, checkpoint?: string): string {
  const parts = sections.map(({ title, lines }) => [title, ...lines.map((line) => `  ${line}`)].join('\n'))
  return [
    heading,
    ...(url === undefined ? [] : [url]),
    ...parts,
    ...(checkpoint === undefined ? [] : [checkpoint]),
    '',
  ].join('\n\n')
}

const style = `
body { margin: 0; padding: 24px; font: 15px/1.5 system-ui, -apple-system, 'Segoe UI', sans-serif; color: #1a1c1f; background: #ffffff; }
main { max-width: 640px; margin: 0 auto; }
h1 { font-size: 18px; line-height: 1.35; margin: 0 0 16px; padding-left: 12px; border-left: 4px solid #6b7280; }
h1.critical { border-color: #c81e1e; } h1.warning { border-color: #b45309; } h1.info { border-color: #1d4ed8; }
h2 { font-size: 13px; margin: 20px 0 4px; color: #4b5563; }
p { margin: 0 0 4px; overflow-wrap: anywhere; }
pre { font: 13px/1.4 ui-monospace, Consolas, monospace; overflow-x: auto; padding: 12px; border: 1px solid #9ca3af; }
a { color: #1d4ed8; }
@media (prefers-color-scheme: dark) {
  body { color: #e5e7eb; background: #16181d; }
  h2 { color: #a8b0bd; } a { color: #93b4ff; } pre { border-color: #4b5563; }
  h1.critical { border-color: #f87171; } h1.warning { border-color: #fbbf24; } h1.info { border-color: #93b4ff; }
}`

function htmlOf(heading: string, message: AlertMessage, sections: readonly Section[], serviceName: string): string {
  const { url, digest } = message
  const parts = sections.map(
    ({ title, lines }) => `<h2>${escaped(title)}</h2>\n${lines.map((line) => `<p>${escaped(line)}</p>`).join('\n')}`,
  )
  const link = url === undefined ? '' : `<p><a href="${escaped(url)}">Open it in the console</a></p>\n`
  const note = digest?.checkpoint === undefined ? '' : `<pre>${escaped(digest.checkpoint)}</pre>\n`
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<meta name="color-scheme" content="light dark">
<meta name="supported-color-schemes" content="light dark">
<title>${escaped(oneLine(serviceName, 80))}</title>
<style>${style}
</style>
</head>
<body>
<main>
<h1 class="${severityOf(message)}">${escaped(heading)}</h1>
${link}${parts.join('\n')}
${note}</main>
</body>
</html>
`
}

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}

function escaped(text: string): string {
  return text.replaceAll(/[&<>"']/g, (character) => entities[character] ?? '')
}
