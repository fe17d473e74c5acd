/** Documents of a transcript: each event with its place, and no text of an event becomes markup. */
import { transcriptOf } from '@keywitness/cadf/transcripts'
import { ana, ben, ceremony, happened } from '@keywitness/cadf/transcripts/testing/ceremony-events'
import { expect, test } from 'vitest'
import { transcriptHtml } from './transcript-html.ts'
import { type TranscriptGround, transcriptText } from './transcript-text.ts'

const ground: TranscriptGround = {
  origin: 'keywitness/us-south/1',
  size: 90,
  note: 'keywitness/us-south/1\n90\nAAAA=\n\n— keywitness/us-south/1 BBBB\n',
  evidence: 'ee'.repeat(32),
  query: '{"first":0,"last":9}',
  entries: 10,
  first: 0,
  last: 9,
  isGapless: true,
}

test('the same events give the same document, which names each event with its place in the log', () => {
  const events = ceremony('AZ1')
  const transcript = transcriptOf(events)
  const text = transcriptText(transcript, ground)
  expect(transcriptText(transcriptOf(events), ground)).toBe(text)
  for (const document of [text, transcriptHtml(transcript, ground)]) {
    for (const { event } of events) expect(document).toContain(event.id)
    expect(document).toContain(ground.evidence)
    expect(document).toContain('nothing was left out')
    expect(document).toContain('— keywitness/us-south/1 BBBB')
  }
})

test('evidence with gaps is said to have them', () => {
  const text = transcriptText(transcriptOf(ceremony('AZ1')), { ...ground, isGapless: false })
  expect(text).toContain('were left out')
})

test('no text of an event becomes markup, or steers a terminal', () => {
  const hostile = '<img src=x onerror=alert(1)>"\u202e\u001b[2J'
  const event = happened(
    'hs-crypto.tke-cryptounit.reset',
    'AZ1',
    { outcome: 'failure', reason: { code: 500, forFailure: hostile } },
    hostile,
  )
  const transcript = transcriptOf([event])
  const html = transcriptHtml(transcript, { ...ground, query: hostile, origin: hostile })
  expect(html).not.toContain('<img')
  expect(html).not.toContain('"\u202e')
  expect(html.match(/<script|<[a-z]+[^>]* on\w+=/g)).toBeNull()
  expect(transcriptText(transcript, { ...ground, query: hostile })).not.toMatch(/\p{Cc}(?<!\n)|\u202e/u)
})

test('a refused step names signers without proof: nobody takes part by it, and it gives nobody a name', () => {
  const forged = [
    happened('hs-crypto.tke-cryptounit.reset', 'AZ1', {
      outcome: 'failure',
      reason: { code: 500, forFailure: 'A signature does not verify (192/22).' },
      request: { signerIds: [ana, ben] },
    }),
    happened('hs-crypto.tke-cryptounit-admin.add', 'AZ9', {
      outcome: 'failure',
      reason: { code: 500, forFailure: 'The administrator is installed already (256/38).' },
      request: { adminId: ana, adminName: 'Ben' },
    }),
  ]
  expect(transcriptOf(forged).people).toEqual([])
  const transcript = transcriptOf([...ceremony('AZ1').slice(0, 2), ...forged])
  expect(transcript.people).toEqual([{ ski: ana, names: ['Ana'] }])
  for (const document of [transcriptText(transcript, ground), transcriptHtml(transcript, ground)]) {
    expect(document).toContain('names as signers, not verified')
    expect(document).not.toContain('2 administrators')
    expect(document).not.toContain(`Ben (${ana})`)
  }
})

test('a key that was installed under several names is told with all of them', () => {
  const other = happened('hs-crypto.tke-cryptounit-admin.add', 'AZ9', {
    request: { adminId: ana, adminName: 'Ben' },
    response: { adminIds: [ana], unitRevision: 2 },
  })
  const transcript = transcriptOf([...ceremony('AZ1'), other])
  const text = transcriptText(transcript, ground)
  expect(text).toContain(`SEVERAL NAMES FOR ONE KEY: "Ana", "Ben" (${ana})`)
  expect(text).not.toContain(`Ana (${ana})`)
})
