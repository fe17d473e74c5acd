/** Transcripts: what a ceremony's events tell of steps, people and units. */
import { expect, test } from 'vitest'
import { isOfCeremony, transcriptOf } from './ceremony.ts'
import { ana, ben, ceremony, happened, pattern } from './testing/ceremony-events.ts'

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

test('events of other services are none of a ceremony', () => {
  expect(isOfCeremony(happened('hs-crypto.tke-cryptounit.reset', 'AZ1').event)).toBe(true)
  expect(
    isOfCeremony({ ...happened('hs-crypto.tke-cryptounit.reset', 'AZ1').event, action: 'hs-crypto.secrets.create' }),
  ).toBe(false)
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
