/** A message for Teams: an Adaptive Card whose texts are runs, because other text elements read Markdown. */
import type { AlertMessage } from './alert-message.ts'
import { eventLinesOf, factsOf, headingOf, severityOf } from './wording.ts'

/** Teams takes 28 KB at most; what is shown last goes first. */
const cardBytes = 27 * 1024

const colors = { critical: 'Attention', warning: 'Warning', info: 'Accent' } as const

/** The body of the post. */
export function renderTeams(message: AlertMessage): string {
  const { text, comment, remedy, url } = message
  const facts = factsOf(message).map(([label, value]) => block(run(`${label}: `, { weight: 'Bolder' }), run(value)))
  const details = [
    ...paragraphs(comment),
    ...paragraphs(remedy),
    ...facts,
    ...eventLinesOf(message).map((line) => block(run(line, { size: 'Small' }))),
  ]
  const heading = block(
    run(headingOf(message), { weight: 'Bolder', size: 'Large', color: colors[severityOf(message)] }),
  )
  const actions = url === undefined ? [] : [{ type: 'Action.OpenUrl', title: 'Open in the console', url }]
  for (let kept = details.length; ; kept -= 1) {
    const body = envelope([heading, ...paragraphs(text), ...details.slice(0, kept)], actions)
    if (Buffer.byteLength(body) <= cardBytes || kept === 0) return body
  }
}

function envelope(body: readonly object[], actions: readonly object[]): string {
  const content = {
    $schema: 'http://adaptivecards.io/schemas/adaptive-card.json',
    type: 'AdaptiveCard',
    version: '1.4',
    msteams: { width: 'Full' },
    body,
    actions,
  }
  const contentType = 'application/vnd.microsoft.card.adaptive'
  return JSON.stringify({ type: 'message', attachments: [{ contentType, contentUrl: null, content }] })
}

function paragraphs(text: string | undefined): object[] {
  return text === undefined || text === '' ? [] : text.split('\n').map((line) => block(run(line === '' ? ' ' : line)))
}

function block(...inlines: readonly object[]): object {
  return { type: 'RichTextBlock', inlines }
}

function run(text: string, looks: Readonly<Record<string, string>> = {}): object {
  return { type: 'TextRun', text, ...looks }
}
