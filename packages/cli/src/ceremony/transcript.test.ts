/** Transcripts: what a ceremony's events tell of steps, people and units, and that no text of an event becomes markup. */
import { type ActivityEvent, buildEvent, type EventFacts, type ActionName } from '@keywitness/cadf'
import { expect, test } from 'vitest'
import { isOfCeremony, type ProvedEvent, transcriptOf } from './transcript.ts'
import { transcriptHtml } from './transcript-html.ts'
import { type TranscriptGround, transcriptText } from './transcript-text.ts'

const ana = 'a1'.repeat(32)
const ben = 'b2'.repeat(32)
const pattern = 'c3'.repeat(32)
const crn = 'crn:v1:keywitness:public:hs-crypto:us-south:a/1:2'
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

let index = 0
function happened<A extends ActionName>(
  action: A,
  unit: string,
  facts: Partial<Pick<EventFacts<A>, 'request' | 'response' | 'outcome' | 'reason'>> = {},
  sender = 'Operator',
): ProvedEvent {
  index += 1
  const location = `[us-south].[${unit}].[00].[00]`
  const event: ActivityEvent = buildEvent(
    {
      action,
      outcome: facts.outcome ?? 'success',
      reason: facts.reason ?? { code: 200 },
      initiator: {
        id: 'KWid-1',
        name: sender,
        typeURI: 'service/security/account/user',
        credential: { type: 'token' },
      },
      target: { id: `${crn}:tke-cryptounit:${unit}`, name: location },
      logSourceCRN: `${crn}::`,
      request: Object.assign({}, facts.request, { location }),
      response: facts.response,
    },
    {
      id: `01a21744-0000-7000-8000-${String(index).padStart(12, '0')}`,
      time: 1_795_686_670_000,
      serviceName: 'Keywitness',
    },
  )
  return { index, leafHash: 'bGVhZg==', event }
}

function ceremony(unit: string): ProvedEvent[] {
  return [
    happened('hs-crypto.tke-cryptounit.reset', unit, { response: { unitRevision: 1 } }),
    happened('hs-crypto.tke-cryptounit-admin.add', unit, {
      request: { adminId: ana, adminName: 'Ana' },
      response: { adminIds: [ana], unitRevision: 2 },
    }),
    happened('hs-crypto.tke-cryptounit-admin.add', unit, {
      request: { adminId: ben, adminName: 'Ben' },
      response: { adminIds: [ana, ben], unitRevision: 3 },
    }),
    happened('hs-crypto.tke-cryptounit-threshold.set', unit, {
      request: { signerIds: [ana, ben], signatureThreshold: 2, revocationSignatureThreshold: 2 },
      response: {
        signatureThreshold: 2,
        revocationSignatureThreshold: 2,
        'initialValue.signatureThreshold': 0,
        'initialValue.revocationSignatureThreshold': 0,
        unitRevision: 4,
      },
    }),
    happened('hs-crypto.tke-cryptounit-master-key-register.add', unit, {
      request: { signerIds: [ana, ben], masterKeyIds: ['11'.repeat(32), '22'.repeat(32)] },
      response: { verificationPattern: pattern, unitRevision: 5 },
    }),
    happened('hs-crypto.tke-cryptounit-master-key-register.commit', unit, {
      request: { signerIds: [ana, ben], verificationPattern: pattern },
      response: { masterKeyIds: ['11'.repeat(32), '22'.repeat(32)], unitRevision: 6 },
    }),
    happened('hs-crypto.tke-cryptounit-master-key-register.activate', unit, {
      request: { signerIds: [ana], verificationPattern: pattern },
      response: { verificationPattern: pattern, unitRevision: 7 },
    }),
  ]
}

test('a whole ceremony is told: steps in order, signers by name, each unit as it ends', () => {
  const { steps, people, units, differences } = transcriptOf([...ceremony('AZ1'), ...ceremony('AZ2')])
  expect(steps.map(({ index: at }) => at)).toEqual(steps.map((_, at) => (steps[0]?.index ?? 0) + at))
  expect(people).toEqual([
    { ski: ana, names: ['Ana'] },
    { ski: ben, names: ['Ben'] },
  ])
  expect(steps[3]?.signers.map(({ names }) => names)).toEqual([['Ana'], ['Ben']])
  expect(units.map(({ after }) => after)).toEqual(
    [1, 2].map(() => ({
      signatureThreshold: 2,
      revocationSignatureThreshold: 2,
      administrators: [
        { ski: ana, names: ['Ana'] },
        { ski: ben, names: ['Ben'] },
      ],
      newRegister: '',
      currentRegister: pattern,
      revision: 7,
    })),
  )
  expect(differences).toEqual([])
})

test('a step says what was done to which unit, and tells no value twice', () => {
  const { steps } = transcriptOf(ceremony('AZ1'))
  expect(steps.map(({ what }) => what)).toEqual([
    'Zeroized and reset crypto unit [us-south].[AZ1].[00].[00]',
    'Added an administrator to crypto unit [us-south].[AZ1].[00].[00]',
    'Added an administrator to crypto unit [us-south].[AZ1].[00].[00]',
    'Set the signature thresholds of crypto unit [us-south].[AZ1].[00].[00]',
    'Loaded the new master key register of crypto unit [us-south].[AZ1].[00].[00]',
    'Committed the new master key register of crypto unit [us-south].[AZ1].[00].[00]',
    'Activated the current master key register of crypto unit [us-south].[AZ1].[00].[00]',
  ])
  expect(steps[6]?.details.filter(({ what }) => what === 'verificationPattern')).toHaveLength(1)
})

test('what was before a span is told where its events tell it, and nowhere made up', () => {
  const { units } = transcriptOf([
    happened('hs-crypto.tke-cryptounit-admin.remove', 'AZ1', {
      request: { adminId: ben, adminName: 'Ben', signerIds: [ana, ben] },
      response: { adminIds: [ana], unitRevision: 9 },
    }),
    happened('hs-crypto.tke-cryptounit-threshold.set', 'AZ1', {
      request: { signatureThreshold: 1, revocationSignatureThreshold: 1 },
      response: {
        signatureThreshold: 1,
        revocationSignatureThreshold: 1,
        'initialValue.signatureThreshold': 2,
        'initialValue.revocationSignatureThreshold': 3,
      },
    }),
  ])
  expect(units[0]?.before).toMatchObject({
    signatureThreshold: 2,
    revocationSignatureThreshold: 3,
    administrators: [{ ski: ana }, { ski: ben }],
    currentRegister: undefined,
  })
})

test('a refused step changes nothing, and says why', () => {
  const refused = happened('hs-crypto.tke-cryptounit-admin.add', 'AZ1', {
    outcome: 'failure',
    reason: { code: 500, forFailure: 'There are not enough signatures (208/21).' },
    request: { adminId: ben, signerIds: [ana] },
  })
  const { steps, units } = transcriptOf([...ceremony('AZ1').slice(0, 2), refused])
  expect(steps[2]).toMatchObject({ isDone: false, failure: 'There are not enough signatures (208/21).' })
  expect(units[0]?.after.administrators?.map(({ ski }) => ski)).toEqual([ana])
})

test('units that end differently are named by what differs', () => {
  const whole = ceremony('AZ1')
  expect(transcriptOf([...whole, ...ceremony('AZ2').slice(0, 6)]).differences).toEqual([
    'new master key registers',
    'current master key registers',
  ])
  expect(transcriptOf([...whole, ...ceremony('AZ2').slice(0, 2)]).differences).toContain('administrators')
})

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

test('events of other services are none of a ceremony', () => {
  expect(isOfCeremony(happened('hs-crypto.tke-cryptounit.reset', 'AZ1').event)).toBe(true)
  expect(
    isOfCeremony({ ...happened('hs-crypto.tke-cryptounit.reset', 'AZ1').event, action: 'hs-crypto.secrets.create' }),
  ).toBe(false)
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

test('a unit that was found set back is unknown from then on, and what follows tells nothing of before', () => {
  const held = happened('hs-crypto.tke-cryptounit.hold', 'AZ1', {
    request: { lastRevision: 7 },
    response: { unitRevision: 3 },
  })
  const removed = happened('hs-crypto.tke-cryptounit-admin.remove', 'AZ1', {
    request: { adminId: ben, adminName: 'Ben', signerIds: [ana] },
    response: { adminIds: [ana], unitRevision: 9 },
  })
  const unknown = {
    signatureThreshold: undefined,
    revocationSignatureThreshold: undefined,
    administrators: undefined,
    newRegister: undefined,
    currentRegister: undefined,
  }
  const [unit] = transcriptOf([...ceremony('AZ1'), held]).units
  expect(unit?.after).toEqual({ ...unknown, revision: 3 })
  const [later] = transcriptOf([held, removed]).units
  expect(later?.before).toMatchObject(unknown)
  expect(later?.after.administrators?.map(({ ski }) => ski)).toEqual([ana])
})

test('a random key that is made in an empty current register leaves the new register as it was', () => {
  const whole = ceremony('AZ1')
  const made = happened('hs-crypto.tke-cryptounit-master-key-register.activate', 'AZ1', {
    request: { signerIds: [ana] },
    response: { verificationPattern: 'dd'.repeat(32), unitRevision: 8 },
  })
  const [loaded] = transcriptOf([...whole.slice(0, 6), made]).units
  expect(loaded?.after).toMatchObject({ newRegister: pattern, currentRegister: 'dd'.repeat(32) })
})
