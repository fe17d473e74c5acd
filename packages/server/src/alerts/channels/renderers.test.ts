/** What each channel shows of a message, and that nothing an attacker chose becomes more than text in any of them. */
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type AlertMessage, alertMessage, alertMessageTypes } from './alert-message.ts'
import { oneLine } from './clean-text.ts'
import { renderEmail } from './render-email.ts'
import { renderPagerDuty } from './render-pagerduty.ts'
import { renderSlack } from './render-slack.ts'
import { renderSyslog } from './render-syslog.ts'
import { renderTeams } from './render-teams.ts'
import {
  at,
  digest,
  hostileDigests,
  hostileFacts,
  longest,
  note,
  plainFacts,
  sender,
} from './testing/hostile-messages.ts'
import { parseSyslog } from './testing/parse-syslog.ts'

const plain = alertMessage(plainFacts)
const id = '0190a2b4-5f6a-7c3d-8e9f-0000000000ff'
const hostile = fc.oneof(hostileFacts, hostileDigests).map(alertMessage)
const ofType = (type: AlertMessage['type']): AlertMessage => {
  const { alert, ...rest } = plainFacts
  return alertMessage({ ...rest, ...(type.startsWith('alert.') ? { alert } : {}), type, digest })
}

/** Every object inside, with the name it has there. */
function objectsIn(value: unknown, name = ''): { name: string; value: Record<string, unknown> }[] {
  if (Array.isArray(value)) return value.flatMap((one) => objectsIn(one, name))
  if (typeof value !== 'object' || value === null) return []
  const own = { name, value: value as Record<string, unknown> }
  return [own, ...Object.entries(value).flatMap(([key, member]) => objectsIn(member, key))]
}

describe('e-mail', () => {
  test('shows what happened, what to do and where, in text and in HTML', () => {
    const letter = renderEmail(plain, id, sender)
    expect(letter.subject).toBe('[Keywitness] CRITICAL: Key used from a new country')
    expect(letter.messageId).toBe(`<${id}@keywitness>`)
    expect(letter.inReplyTo).toBe('<0190a2b4-5f6a-7c3d-8e9f-001122334455@keywitness>')
    expect(letter.isUrgent).toBe(true)
    for (const part of [
      plainFacts.text,
      '1. Ask the owner.',
      '2. Disable the key.',
      'canary-1',
      'entry 1203',
      plainFacts.url,
    ]) {
      expect(letter.text).toContain(part)
      expect(letter.html).toContain(part)
    }
    expect(letter.html).toContain('prefers-color-scheme: dark')
  })

  test('a digest holds the signed note to the byte, as text and as a file', () => {
    const letter = renderEmail(ofType('digest'), id, sender)
    expect(letter.attachment).toEqual({ filename: 'checkpoint.txt', content: note })
    expect(letter.text).toContain(`\n${note}`)
    expect(letter.html).toContain(`<pre>${note}</pre>`)
    for (const part of [
      'Raised: 1 critical, 2 warning, 3 info',
      'Night work',
      'Old rule',
      'On call: failing',
      'moving offices',
    ]) {
      expect(letter.text).toContain(part)
      expect(letter.html).toContain(part)
    }
    expect(letter.html).toContain('keywitness log verify checkpoint.txt')
    expect(letter.inReplyTo).toBeUndefined()
  })

  test('no text adds markup, a header or a heading, and nothing is loaded', () => {
    const tags =
      /^<(\/?(html|head|title|style|body|main|h2|h1|p|pre|a)|!doctype html|html lang="en"|meta [a-z]+="[a-z -]+"( content="[a-z =-]+")?|meta charset="utf-8"|h1 class="(critical|warning|info)"|a href="https?:\/\/[^"<>\s]+")>$/
    fc.assert(
      fc.property(hostile, (message) => {
        const { subject, html, text, messageId, inReplyTo } = renderEmail(message, id, sender)
        expect(subject).toBe(oneLine(subject, 240))
        for (const header of [messageId, ...(inReplyTo === undefined ? [] : [inReplyTo])]) {
          expect(header).toMatch(/^<[A-Za-z0-9.-]*@keywitness>$/)
        }
        const found = html.match(/<[^>]*>?/g) ?? []
        expect(found.filter((tag) => !tags.test(tag))).toEqual([])
        expect(html.slice(0, html.indexOf('</style>'))).not.toMatch(/url\(|@import/)
        const headings = text.split('\n').filter((line) => /^\S/.test(line))
        const ours =
          /^(What happened|Comment|What to do|Period|Alerts|Alerts not closed|Events|Rules|Channels|Mutes|Engine|Facts|The signed checkpoint below is checked with)$/
        const first = text.indexOf('\n\n')
        const margin = text.slice(first).split(message.digest?.checkpoint ?? '\u0000')[0] ?? ''
        const others = margin.split('\n').filter((line) => /^\S/.test(line) && !ours.test(line) && line !== message.url)
        expect([headings.length > 0, others]).toEqual([true, []])
      }),
    )
  })
})

describe('Slack', () => {
  test('shows a heading, what happened and a way to the console', () => {
    const body = JSON.parse(renderSlack(plain)) as { text: string; blocks: { type: string }[] }
    expect(body.text).toBe(`CRITICAL: Key used from a new country\n${plainFacts.text}`)
    expect(body.blocks.map(({ type }) => type)).toEqual([
      'header',
      'section',
      'section',
      'section',
      'section',
      'actions',
    ])
    expect(JSON.stringify(body.blocks)).toContain('Rule: New country (new-country, version 3)')
  })

  test('no text mentions anybody, becomes a link or breaks a limit', () => {
    fc.assert(
      fc.property(fc.oneof(hostile, fc.constantFrom(...alertMessageTypes).map(longest)), (message) => {
        const body = JSON.parse(renderSlack(message)) as { text: string; mrkdwn: boolean; blocks: object[] }
        expect(Object.keys(body)).toEqual(['text', 'mrkdwn', 'blocks'])
        expect(body.text).not.toMatch(/[<>@[\]`]|&(?!amp;|lt;|gt;)/)
        expect(body.text.length).toBeLessThanOrEqual(3_000)
        expect(body.mrkdwn).toBe(false)
        expect(body.blocks.length).toBeLessThanOrEqual(50)
        expect(objectsIn(body.blocks).filter((one) => !isPlainInSlack(one))).toEqual([])
      }),
    )
  })
})

const slackLimits: Readonly<Record<string, number>> = { header: 150, section: 3_000, button: 75 }

/** A text object in which nothing is read, or a block whose text is within its limit. */
function isPlainInSlack({ name, value }: { name: string; value: Record<string, unknown> }): boolean {
  if (name === 'text') {
    return value['type'] === 'plain_text' && value['emoji'] === false && Object.keys(value).length === 3
  }
  const { type, text } = value as { type: string; text?: { text: string } }
  if (type === 'actions') return text === undefined
  const chars = text?.text.length ?? 0
  return chars > 0 && chars <= (slackLimits[type] ?? 0)
}

describe('Teams', () => {
  test('shows a card with what happened, its facts and a way to the console', () => {
    const body = JSON.parse(renderTeams(plain)) as {
      attachments: { content: { version: string; actions: object[] } }[]
    }
    const card = body.attachments[0]?.content
    expect(card?.version).toBe('1.4')
    expect(card?.actions).toEqual([{ type: 'Action.OpenUrl', title: 'Open in the console', url: plainFacts.url }])
    const texts = objectsIn(card).flatMap(({ value }) => (value['type'] === 'TextRun' ? [value['text']] : []))
    expect(texts).toContain('CRITICAL: Key used from a new country')
    expect(texts).toContain(plainFacts.text)
    expect(texts).toContain('2. Disable the key.')
  })

  test('texts stand in runs only, where no Markdown is read, and the card stays below what Teams takes', () => {
    fc.assert(
      fc.property(fc.oneof(hostile, fc.constantFrom(...alertMessageTypes).map(longest)), (message) => {
        const text = renderTeams(message)
        expect(Buffer.byteLength(text)).toBeLessThan(28 * 1024)
        const { attachments } = JSON.parse(text) as { attachments: object[] }
        const odd = objectsIn(attachments).filter(({ value }) => {
          const own = cardMembers[String(value['type'])] ?? ['contentType', 'contentUrl', 'content', 'width']
          const isElsewhere = value['type'] === 'Action.OpenUrl' && value['url'] !== message.url
          return isElsewhere || Object.keys(value).some((member) => !own.includes(member))
        })
        expect(odd).toEqual([])
      }),
    )
  })
})

/** Of the elements a card may have, the members each may have. */
const cardMembers: Readonly<Record<string, readonly string[]>> = {
  AdaptiveCard: ['$schema', 'type', 'version', 'msteams', 'body', 'actions'],
  RichTextBlock: ['type', 'inlines'],
  TextRun: ['type', 'text', 'weight', 'size', 'color'],
  'Action.OpenUrl': ['type', 'title', 'url'],
}

describe('PagerDuty', () => {
  const key = 'R'.repeat(32)
  const actionsOf = (type: AlertMessage['type']) =>
    renderPagerDuty(ofType(type), id, key, sender).map((body) => JSON.parse(body) as Record<string, unknown>)

  test('an alert is one incident from its first event to its end', () => {
    const acts = (
      ['alert.raised', 'alert.repeated', 'alert.acknowledged', 'alert.reopened', 'alert.closed'] as const
    ).map((type) => actionsOf(type).map((body) => [body['event_action'], body['dedup_key']]))
    const same = plainFacts.alert.id
    expect(acts).toEqual([
      [['trigger', same]],
      [['trigger', same]],
      [['acknowledge', same]],
      [['trigger', same]],
      [['resolve', same]],
    ])
    expect(actionsOf('alert.raised')[0]).toMatchObject({
      routing_key: key,
      payload: { severity: 'critical', timestamp: at, source: 'keywitness/us-south/0190a2b4', group: 'new-country' },
      links: [{ href: plainFacts.url }],
    })
  })

  test('a test opens an incident of the least severity and ends it at once', () => {
    const [first, last, ...others] = actionsOf('channel.test')
    expect([first?.['event_action'], last?.['event_action'], others]).toEqual(['trigger', 'resolve', []])
    expect(first?.['dedup_key']).toBe(last?.['dedup_key'])
    expect(first?.['payload']).toMatchObject({ severity: 'info' })
  })

  test('that alerting says less opens an incident, which people end', () => {
    const [first, ...others] = actionsOf('alerting.changed')
    expect([first?.['event_action'], others]).toEqual(['trigger', []])
    expect(first?.['payload']).toMatchObject({ severity: 'warning' })
  })

  test('no text changes what is done to which incident, or breaks a limit', () => {
    fc.assert(
      fc.property(fc.oneof(hostile, fc.constantFrom(...alertMessageTypes).map(longest)), (message) => {
        for (const text of renderPagerDuty(message, id, key, sender)) {
          const body = JSON.parse(text) as { dedup_key: string; payload?: { summary: string } }
          const known = ['routing_key', 'event_action', 'dedup_key', 'payload', 'client', 'client_url', 'links']
          expect(Object.keys(body).filter((name) => !known.includes(name))).toEqual([])
          expect(body.dedup_key).toBe(message.alert?.id ?? `keywitness-${id}`)
          expect(body.dedup_key.length).toBeLessThanOrEqual(255)
          expect(body.payload?.summary.length ?? 0).toBeLessThanOrEqual(1_024)
          expect(Buffer.byteLength(text)).toBeLessThan(512 * 1024)
        }
      }),
    )
  })
})

describe('syslog', () => {
  test('an alert is one message with its facts as structured data', () => {
    const { params, ...parsed } = parseSyslog(renderSyslog(plain, 'keywitness', 'local3'))
    expect(parsed).toEqual({
      priority: 19 * 8 + 2,
      time: at,
      host: 'keywitness',
      app: 'keywitness',
      process: '-',
      kind: 'alert.raised',
      element: 'keywitness@32473',
      text: `\ufeffCRITICAL: Key used from a new country: ${plainFacts.text}`,
    })
    expect(params).toEqual(
      expect.arrayContaining([
        ['rule', 'new-country'],
        ['group', 'key=5f6a'],
        ['count', '12'],
        ['url', plainFacts.url],
      ]),
    )
  })

  test('no text ends a value, an element, a line or the message before its end', () => {
    fc.assert(
      fc.property(fc.oneof(hostile, fc.constantFrom(...alertMessageTypes).map(longest)), (message) => {
        const line = renderSyslog(message, 'keywitness')
        expect(Buffer.byteLength(line)).toBeLessThanOrEqual(8_192)
        expect(line).not.toMatch(/[\p{Cc}\p{Zl}\p{Zp}]/u)
        const { params, element, kind, text } = parseSyslog(line)
        expect([element, kind]).toEqual(['keywitness@32473', message.type])
        const names = params.map(([name]) => name)
        const { alert } = message
        expect(names.filter((name) => name === 'group').length).toBe(alert?.group.length ?? 0)
        const read = Object.fromEntries(params)
        expect([read['origin'], read['alert']]).toEqual([
          oneLine(message.tracker.origin, 256),
          alert === undefined ? undefined : alert.id,
        ])
        expect(text.startsWith('\ufeff')).toBe(true)
        expect(text.length).toBeGreaterThan(1)
      }),
    )
  })
})
