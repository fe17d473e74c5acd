/** A ceremony's transcript as one HTML page to print: no script, nothing loaded, texts of events are never markup. */
import {
  type Person,
  personText,
  signedText,
  type Step,
  type Transcript,
  type UnitAccount,
} from '@keywitness/cadf/transcripts'
import { formatCount, printable } from '../printable.ts'
import { completeness, register, timeText, told, type TranscriptGround } from './transcript-text.ts'

const style = `
  :root { color-scheme: light dark; --ink: #16181d; --dim: #5c6370; --line: #d5d8de; --bad: #a11616; --page: #fff }
  @media (prefers-color-scheme: dark) {
    :root { --ink: #e8eaee; --dim: #a0a6b1; --line: #3a3f4a; --bad: #ff8d85; --page: #14161a } }
  @media print { :root { --ink: #000; --dim: #444; --line: #bbb; --bad: #000; --page: #fff } }
  body { font: 15px/1.5 system-ui, sans-serif; color: var(--ink); background: var(--page); max-width: 60rem;
    margin: 2rem auto; padding: 0 1rem; overflow-wrap: anywhere }
  h1 { font-size: 1.7rem; margin: 0 0 1rem } h2 { font-size: 1.15rem; margin: 2.2rem 0 .6rem; break-after: avoid }
  h3 { font-size: 1rem; margin: 0 0 .4rem; break-after: avoid }
  dl { display: grid; grid-template-columns: minmax(7rem, 13rem) 1fr; gap: .15rem 1rem; margin: 0 }
  dt { color: var(--dim) } dd { margin: 0 }
  code, pre, .hash { font: .86em/1.45 ui-monospace, monospace }
  pre { white-space: pre-wrap; border: 1px solid var(--line); padding: .8rem }
  section.step, section.unit { border-top: 1px solid var(--line); padding: .8rem 0; break-inside: avoid }
  table { border-collapse: collapse; width: 100%; table-layout: fixed; margin-top: .6rem } th, td { text-align: left; vertical-align: top; padding: .25rem .6rem .25rem 0 }
  th { color: var(--dim); font-weight: normal } ul { margin: 0; padding-left: 1.2rem }
  th:first-child { width: 34% } ul:has(.hash) { line-height: 1.4 }
  @media (max-width: 40rem) { dl { grid-template-columns: 1fr } dt { margin-top: .4rem } }
  .bad { color: var(--bad); font-weight: 600 }
  .signatures { border-collapse: separate; border-spacing: 1rem 0; margin: 0 -1rem; width: calc(100% + 2rem) }
  .signatures td { border-bottom: 1px solid var(--line); height: 3rem; width: 50% }
`

export function transcriptHtml(transcript: Transcript, ground: TranscriptGround): string {
  const { steps, people, units, differences } = transcript
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>Ceremony transcript</title>
<style>${style}</style>
</head>
<body>
<main>
<h1>Ceremony transcript</h1>
<dl>
${pair('Log', text(ground.origin))}
${pair('From', text(timeText(steps[0]?.time)))}
${pair('To', text(timeText(steps.at(-1)?.time)))}
${pair('Events', `${formatCount(steps.length)} of crypto units, ${formatCount(ground.entries)} in the evidence`)}
${pair('Complete', text(completeness(ground)))}
${pair('Checkpoint', `size ${formatCount(ground.size)}, signed; its note stands at the end`)}
${pair('Evidence', `SHA-256 <span class="hash">${text(ground.evidence)}</span>`)}
${pair('Asked for', `<code>${text(ground.query)}</code>`)}
</dl>
<h2>Who</h2>
${people.length === 0 ? '<p>No administrator signed or is named.</p>' : personList(people)}
<h2>Crypto units, before and after</h2>
${differences.length === 0 ? '<p>As far as these events tell, the units agree.</p>' : `<p class="bad">The units differ in their ${text(differences.join(', '))}.</p>`}
${units.map(unitSection).join('\n')}
<h2>Steps</h2>
${steps.map(stepSection).join('\n')}
<h2>Proof</h2>
<p>Each event above is an entry of the log, at the index and with the leaf hash beside it. The evidence holds the entries
themselves with the hashes that lead to the root which this checkpoint signs.</p>
<pre>${text(ground.note.trimEnd())}</pre>
<h2>Signatures of those present</h2>
<table class="signatures">${'<tr><td></td><td></td></tr>'.repeat(Math.max(2, Math.ceil(people.length / 2)))}</table>
</main>
</body>
</html>
`
}

function unitSection({ location, crn, before, after }: UnitAccount): string {
  const row = (name: string, was: string, is: string): string =>
    `<tr><th scope="row">${name}</th><td>${was}</td><td>${is}</td></tr>`
  const administrators = ({ administrators: list }: UnitAccount['after']): string =>
    list === undefined ? 'not told' : list.length === 0 ? 'none' : personList(list)
  return `<section class="unit"><h3>${text(location)}</h3><dl>${pair('CRN', `<code>${text(crn)}</code>`)}</dl>
<table><thead><tr><th></th><th scope="col">Before</th><th scope="col">After</th></tr></thead><tbody>
${row('Signature threshold', told(before.signatureThreshold), told(after.signatureThreshold))}
${row('For revocation', told(before.revocationSignatureThreshold), told(after.revocationSignatureThreshold))}
${row('Administrators', administrators(before), administrators(after))}
${row('New master key register', hash(register(before.newRegister)), hash(register(after.newRegister)))}
${row('Current master key register', hash(register(before.currentRegister)), hash(register(after.currentRegister)))}
</tbody></table></section>`
}

function stepSection(step: Step, at: number): string {
  const { time, unit, what, isDone, failure, sender, senderId, signers, details, index, leafHash, eventId } = step
  const signed = `${text(signedText(step))}${signers.length === 0 ? '' : personList(signers)}`
  return `<section class="step"><h3>${at + 1}. ${text(what)}</h3><dl>
${pair('When', text(timeText(time)))}
${unit === undefined ? '' : pair('Unit', text(unit))}
${pair('Outcome', isDone ? 'done' : `<span class="bad">refused: ${text(failure ?? '')}</span>`)}
${pair('Sent by', text(sender === senderId ? sender : `${sender} (${senderId})`))}
${pair(isDone ? 'Signed by' : 'The request', signed)}
${details.map(({ what: name, values }) => pair(breakable(text(name)), values.map((value) => hash(value)).join('<br>'))).join('\n')}
${pair('Event', hash(eventId))}
${pair('In the log', `index ${formatCount(index)}, leaf ${hash(leafHash)}`)}
</dl></section>`
}

function personList(people: readonly Person[]): string {
  const item = (one: Person): string => {
    const whole = personText(one)
    return `<li>${text(whole.slice(0, whole.lastIndexOf(one.ski)))}${hash(one.ski)}${whole.endsWith(')') ? ')' : ''}</li>`
  }
  return `<ul>${people.map(item).join('')}</ul>`
}

/** The name of a field may go on in another line between its words. */
function breakable(name: string): string {
  return name.replaceAll(/(?<=[a-z.])(?=[A-Z])|(?<=\.)/g, '<wbr>')
}

/** `value` is markup already. */
function pair(name: string, value: string): string {
  return `<dt>${name}</dt><dd>${value}</dd>`
}

function hash(value: string): string {
  return `<span class="hash">${text(value)}</span>`
}

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}

/** Text of an event as text: nothing in it is markup, and nothing turns the direction of what stands beside it. */
function text(value: string): string {
  const lines = value.split('\n').map(printable).join('\n')
  return lines.replaceAll(/[&<>"']/g, (character) => entities[character] ?? '')
}
