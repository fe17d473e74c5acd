/** Views of the crypto units and their transcript: as the product's stand, and as units stand on other days. */
import { ceremonyAdministrators, newTkeAdministrator, TkeCommands } from '../../../testkit/src/tke-commands.ts'
import type { CryptoUnit, Rotation, UnitStates } from '../../src/api/units-api.ts'
import type { SomePerson } from '../fixture/people.ts'
import type { ProductStage } from '../fixture/product-stage.ts'
import {
  answered,
  refreshedInVain,
  seenBy,
  after,
  toEnd,
  transcriptOnPaper,
  type View,
  viewAt,
  type Views,
  waiting,
} from './view.ts'

interface Onlookers {
  readonly auditor: SomePerson
  readonly reader: SomePerson
}

export async function unitViews(stage: ProductStage, { auditor, reader }: Onlookers, bare: string): Promise<Views> {
  await refuseOne(stage)
  const { instance } = stage.product
  const at = (search = ''): View => viewAt(stage, `/units/${instance}${search}`)
  const states = '**/v1/tke/*/units'
  const events = '**/v1/trackers/*/events?*tke*'
  const with_ = (
    units: readonly CryptoUnit[],
    search = '',
    more: Partial<UnitStates> = {},
    rotation: Rotation = notRotated,
  ): View => answered(answered(at(search), states, { units, ...more }), '**/v1/tke/*/key_roll', rotation)
  const transcript = at('?view=transcript')
  const openStep = (what: string): View =>
    after(transcript, async (page) => {
      await page.locator('li[data-step]').filter({ hasText: what }).last().getByRole('button').first().click()
    })
  return {
    'units-panel': after(at(), async (page) => {
      await page.locator('tr[data-key] button').first().click()
      await page.getByRole('complementary').waitFor()
    }),
    'units-panel-end': after(at(), async (page) => {
      await page.locator('tr[data-key] button').first().click()
      await toEnd(page.getByRole('complementary').getByText('Serial number'))
    }),
    'units-fresh': with_([1, 2, 3].map((number) => unit(number, fresh))),
    'units-on-the-way': with_(
      [unit(1, loaded), unit(2, committed), unit(3, { ...empty, type: 'recovery' }), unit(4, fresh)],
      '?unit=unit-1',
    ),
    'units-trouble': with_(
      [
        unit(1, { state: 'differs', masterKey: { current: valid('c'), new: none } }),
        unit(2, { state: 'stale', next: 'confirm-state' }),
        unit(3, { state: 'serving', type: 'failover' }),
      ],
      '?unit=unit-2',
      { masterKeyInForce: pattern('a') },
    ),
    'units-rotating': async (page) => {
      const rotation: Rotation = {
        status: 'started',
        rewrapped: '18344',
        total: '51200',
        from: pattern('a'),
        to: pattern('b'),
      }
      const next = { state: 'committed', verificationPattern: pattern('b') } as const
      const turning = { next: 'await-rotation', masterKey: { current: valid('a'), new: next } } as const
      await with_(
        [1, 2].map((number) => unit(number, turning)),
        '',
        { masterKeyInForce: pattern('a') },
        rotation,
      )(page)
    },
    'units-empty': with_([]),
    'units-loading': waiting(stage, `/units/${instance}`, states),
    'units-failed': answered(
      at(),
      states,
      { code: 'UNIT_UNAVAILABLE', detail: 'The crypto unit does not answer.' },
      503,
    ),
    'units-stale': refreshedInVain(at(), states),
    'units-forbidden': seenBy(auditor, at()),
    'units-transcript': transcript,
    'units-transcript-agree': after(transcript, async (page) => {
      await page.getByText('Crypto units, before and after').scrollIntoViewIfNeeded()
    }),
    'units-transcript-steps': after(transcript, async (page) => {
      await page.getByRole('heading', { name: 'Steps' }).evaluate((heading) => heading.scrollIntoView())
    }),
    'units-transcript-step': openStep('Committed the new master key register'),
    'units-transcript-refused': openStep('Refused'),
    'units-transcript-end': after(transcript, async (page) => {
      await toEnd(page.getByText('What this rests on').last())
    }),
    'units-transcript-paper': transcriptOnPaper(transcript),
    'units-transcript-empty': answered(transcript, events, { events: [], next: null, isComplete: true }),
    'units-transcript-forbidden': seenBy(reader, viewAt(stage, `/units/${instance}?view=transcript`)),
    'units-transcript-bare': viewAt(stage, `/units/${bare}?view=transcript`),
  }
}

/** Somebody who was never installed tries to command a unit. */
async function refuseOne({ client, product }: ProductStage): Promise<void> {
  const stranger = newTkeAdministrator('Mallory')
  const tke = new TkeCommands(client, product.instance, ceremonyAdministrators(product.data, product.instance))
  const [first] = await tke.units()
  if (first === undefined) throw new Error('no unit')
  await tke.send(first, 'ADD_ADMINISTRATOR', stranger.certificate, [stranger])
}

const pattern = (digit: string): string => `${digit}4f1907e`.repeat(8)
const notRotated: Rotation = { status: 'none', rewrapped: '0', total: '0', from: '', to: '' }
const none = { state: 'empty' } as const
const valid = (digit: string) => ({ state: 'valid', verificationPattern: pattern(digit) }) as const
const people = [
  { ski: '3fa1'.repeat(16), name: 'Ada Lovelace' },
  { ski: '77c0'.repeat(16), name: 'Grace Hopper' },
  { ski: '91be'.repeat(16) },
]

const nobody = { administrators: [], signatureThreshold: 0, revocationThreshold: 0 } as const
const fresh = {
  state: 'imprint',
  next: 'add-administrators',
  ...nobody,
  masterKey: { current: none, new: none },
} as const
const empty = { state: 'no_master_key', next: 'load-master-key', masterKey: { current: none, new: none } } as const
const loaded = {
  state: 'no_master_key',
  next: 'commit',
  masterKey: { current: none, new: { state: 'uncommitted', verificationPattern: pattern('b') } },
} as const
const committed = {
  state: 'no_master_key',
  next: 'activate',
  masterKey: { current: none, new: { state: 'committed', verificationPattern: pattern('b') } },
} as const

function unit(at: number, changed: Partial<CryptoUnit> = {}): CryptoUnit {
  return {
    hsm_id: `unit-${at}`,
    location: `[us-south].[AZ${at}-SOFT].[0${at}].[0]`,
    serial_number: `KWSOFT0${at}`,
    state: 'ready',
    version: 12 + at,
    type: 'operational',
    administrators: people,
    signatureThreshold: 2,
    revocationThreshold: 2,
    masterKey: { current: valid('a'), new: none },
    next: 'none',
    ...changed,
  }
}
