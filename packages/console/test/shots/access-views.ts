/** Views of who may do what: people, service IDs, their roles and API keys, each dialog, and who sees the audit. */
import { newPerson, type SomePerson } from '../fixture/people.ts'
import type { ProductStage } from '../fixture/product-stage.ts'
import { answered, seenBy, after, type View, viewAt, type Views, waiting } from './view.ts'

interface Onlookers {
  readonly auditor: SomePerson
  readonly reader: SomePerson
}

export async function accessViews(stage: ProductStage, { auditor, reader }: Onlookers): Promise<Views> {
  const ids = await leadAccessLife(stage)
  const at = (search = ''): View => viewAt(stage, `/access${search}`)
  const person = (id: string): View =>
    after(at(`?view=people&id=${id}`), async (page) => {
      const panel = page.getByRole('complementary')
      await panel
        .getByText(/^Granted|^None:/)
        .first()
        .waitFor()
      await panel
        .getByText(/^Created /)
        .first()
        .waitFor()
    })
  const service = at(`?view=services&id=${ids.service}`)
  const pressed = (show: View, name: string | RegExp): View =>
    after(show, async (page) => {
      await page
        .getByRole('button', { name, exact: typeof name === 'string' })
        .first()
        .click()
      await page.getByRole('dialog').waitFor()
    })
  const users = '**/v1/iam/users?*'
  return {
    'access-person': person(ids.grace),
    'access-person-end': after(person(ids.grace), async (page) => {
      await page.getByRole('complementary').getByRole('link').last().scrollIntoViewIfNeeded()
    }),
    'access-disabled': person(ids.gone),
    'access-roleless': person(ids.fresh),
    'access-services': at('?view=services'),
    'access-service': service,
    'access-new-person': pressed(at('?view=people'), 'Create a user'),
    'access-new-service': after(pressed(at('?view=services'), 'Create a service ID'), async (page) => {
      await page.getByLabel('Name', { exact: true }).fill('billing-db')
      await page.getByLabel('What it is for').fill('The billing database')
    }),
    'access-grant': pressed(person(ids.fresh), 'Grant a role'),
    'access-grant-ring': after(pressed(person(ids.fresh), 'Grant a role'), async (page) => {
      await page.getByLabel('Role', { exact: true }).selectOption('Writer')
      await page.getByLabel('Only this key ring').fill('payments')
    }),
    'access-grant-refused': after(pressed(person(ids.grace), 'Grant a role'), async (page) => {
      await page.getByLabel('Role', { exact: true }).selectOption('Auditor')
      await page.getByLabel('Where', { exact: true }).selectOption(`tracker ${stage.product.location}`)
      await page.getByRole('button', { name: 'Grant Auditor' }).click()
      await page.getByRole('dialog').getByRole('alert').waitFor()
    }),
    'access-revoke': pressed(person(ids.grace), /^Take back/),
    'access-new-key': pressed(service, 'Create an API key'),
    'access-key-once': async (page) => {
      const made = { id: 'k', apikey: 'kw_0rTg3sEcretThatIsShownOnceAndNeverAgain-9fQx2LmZ' }
      await page.route('**/v1/iam/api-keys', (route) => route.fulfill({ status: 201, json: made }))
      await pressed(service, 'Create an API key')(page)
      await page.getByLabel('What it is for').fill('laptop')
      await page.getByRole('button', { name: 'Create it' }).click()
      await page.getByText('shown this once').waitFor()
    },
    'access-disable': pressed(person(ids.grace), 'Disable'),
    'access-delete': pressed(person(ids.grace), 'Delete'),
    'access-services-empty': answered(at('?view=services'), '**/v1/iam/service-ids?*', { serviceIds: [], next: null }),
    'access-loading': waiting(stage, '/access', users),
    'access-failed': answered(at(), users, { code: 'INTERNAL', detail: 'It broke.' }, 500),
    'access-forbidden': seenBy(auditor, at('?view=people')),
    'access-audit': at('?view=audit'),
    'access-audit-auditor': seenBy(auditor, at()),
    'access-audit-forbidden': seenBy(reader, at()),
  }
}

async function leadAccessLife(stage: ProductStage): Promise<Record<'grace' | 'gone' | 'fresh' | 'service', string>> {
  const act = async (method: string, path: string, body: object): Promise<void> => {
    const { status, text } = await stage.client.call(method, path, { body })
    if (status >= 300) throw new Error(`${method} ${path}: ${status} ${text}`)
  }
  const { instance, location } = stage.product
  const grace = await newPerson(stage, 'Grace Hopper')
  const scopes = [
    ['Auditor', { kind: 'tracker', id: location }],
    ['Manager', { kind: 'instance', id: instance }],
    ['Writer', { kind: 'instance', id: instance, keyRing: 'payments' }],
    ['CryptoUnitAdministrator', { kind: 'instance', id: instance }],
  ] as const
  for (const [role, scope] of scopes) await act('POST', '/v1/iam/roles', { identity: grace.id, role, scope })
  await act('POST', '/v1/iam/api-keys', { identity: grace.id, name: 'laptop of the office in the third floor' })
  const gone = await newPerson(stage, 'Howard Gone', 'Officer')
  await act('PATCH', `/v1/iam/users/${gone.id}`, { state: 'disabled' })
  const fresh = await newPerson(stage, 'Nora New')
  const { json } = await stage.client.call<{ serviceIds: { id: string; name: string }[] }>(
    'GET',
    '/v1/iam/service-ids?limit=200',
  )
  const service = json.serviceIds.find(({ name }) => name === 'storage')?.id ?? ''
  return { grace: grace.id, gone: gone.id, fresh: fresh.id, service }
}
