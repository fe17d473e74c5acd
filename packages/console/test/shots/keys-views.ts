/** Pictures of keys, KMIP adapters and keystores of a product that has led a life: what is open, asked, refused or missing. */
import type { Page } from 'playwright-core'
import { newKmipAdapter } from '../../../testkit/src/kmip-adapter.ts'
import { newIdentity } from '../../../testkit/src/new-certificate.ts'
import { clientOf, newPerson, type SomePerson } from '../fixture/people.ts'
import type { ProductStage } from '../fixture/product-stage.ts'
import { toEnd } from './view.ts'

type View = (page: Page) => Promise<void>
type Views = Readonly<Record<string, View>>

interface Places {
  /** An instance in which nothing is. */
  readonly far: string
  readonly at: (address: string) => View
}

/** @param places of the product, which has led a life */
export async function keysViews(stage: ProductStage, { far, at }: Places): Promise<Views> {
  const { instance } = stage.product
  const ids = await idsOf(stage, '/api/v2/keys?state=0,1,2,3,5&limit=200')
  const ben = await newPerson(stage, 'Ben Okafor')
  await clientOf(stage, ben, 'Manager')
  await grant(stage, ben, 'Auditor', { kind: 'tracker', id: stage.product.location })
  const reader = await newPerson(stage, 'Rosa')
  await clientOf(stage, reader, 'Reader')
  const stranger = await newPerson(stage, 'Stranger')
  await clientOf(stage, stranger, 'CryptoUnitAdministrator')
  const as = (person: SomePerson, view: View): View => signedInAs(stage, person, view)
  const keys = `/keys/${instance}`
  const key = (name: string, more = ''): View => opened(at(`${keys}?key=${ids(name)}${more}`))
  const asked = (name: string, button: string, more?: View): View =>
    then(key(name), async (page) => {
      await press(page, button)
      await page.getByRole('dialog').waitFor()
      await more?.(page)
    })
  const refusing = (path: string, code: string, view: View, status = 409): View =>
    answered(path, status, { code, title: 'Refused.' }, view)
  return {
    'keys-panel': then(key('rotated'), async (page) => {
      await press(page, 'Show the resources')
      await press(page, 'Ask the trail when it was used last')
      await press(page, 'Show the versions')
      await panel(page).locator('ol code').nth(1).waitFor()
      await panel(page).getByText(/^Used/).waitFor()
    }),
    'keys-panelend': then(key('rotated'), async (page) => {
      await press(page, 'Show the resources')
      await press(page, 'Ask the trail when it was used last')
      await press(page, 'Show the versions')
      await panel(page).locator('ol code').last().scrollIntoViewIfNeeded()
    }),
    'keys-billing': key('billing'),
    'keys-reader': as(reader, key('billing')),
    'keys-life': then(key('billing', '&view=life'), shows('created root key billing')),
    'keys-lifeuses': then(key('rotated', '&view=life&uses=true'), shows('created root key rotated')),
    'keys-asked': then(key('for two people'), shows('authorised it')),
    'keys-second': then(as(ben, key('for two people')), shows('authorised it')),
    'keys-notmine': then(as(reader, key('for two people')), shows('authorised it')),
    'keys-approve': then(as(ben, key('for two people')), async (page) => {
      await press(page, 'Approve: delete the key')
      await page.getByLabel('Type its name').fill('for two people')
    }),
    'keys-refused': refusing(
      '**/api/v2/keys/*',
      'AUTHORIZATIONS_NOT_MET',
      then(as(ben, key('for two people')), async (page) => {
        await press(page, 'Approve: delete the key')
        await page.getByLabel('Type its name').fill('for two people')
        await press(page, 'Delete it')
        await page.getByRole('alert').waitFor()
      }),
    ),
    'keys-delete': asked('rotated', 'Delete'),
    'keys-disable': asked('billing', 'Disable'),
    'keys-rotate': refusing(
      '**/actions/rotate',
      'KEY_ROTATION_NOT_PERMITTED',
      asked('billing', 'Rotate', async (page) => {
        await press(page, 'Rotate it')
        await page.getByRole('alert').waitFor()
      }),
    ),
    'keys-alias': asked('billing', 'Add alias'),
    'keys-move': asked('billing', 'Move to another ring'),
    'keys-rotation': asked('billing', 'Change rotation'),
    'keys-filtered': at(`${keys}?state=active,suspended&waiting=true`),
    'keys-use': then(at(`${keys}?use=true`), async (page) => {
      await page.locator('tr[data-key] a').first().waitFor()
    }),
    'keys-nomatch': at(`${keys}?search=nonesuch&kind=root`),
    'keys-more': more('**/inventory/keys?*', at(keys)),
    'keys-gone': then(at(`${keys}?key=0199c5f2-0000-7000-8000-000000000001`), shows('There is no such key here')),
    'keys-stale': then(at(keys), async (page) => {
      await page.route('**/inventory/keys?*', (route) =>
        route.fulfill({ status: 503, json: { code: 'BUSY', title: 'The service is busy.' } }),
      )
      await press(page, 'Refresh')
      await page.getByRole('alert').waitFor()
    }),
    'keys-loading': unanswered('**/inventory/keys?*', keys, stage),
    'keys-empty': at(`/keys/${far}`),
    'keys-failed': refusing('**/inventory/keys?*', 'INTERNAL', at(keys), 500),
    'keys-forbidden': as(stranger, at(keys)),
    'keys-ringnew': then(at(`${keys}?show=rings`), async (page) => {
      await press(page, 'New key ring')
      await page.getByLabel('Name', { exact: true }).fill('ledger')
    }),
    'keys-made': answered(
      '**/api/v2/keys',
      201,
      { resources: [{ id: ids('billing') }] },
      then(at(`${keys}?show=new`), async (page) => {
        await page.getByLabel('Name', { exact: true }).fill('ledger')
        await press(page, 'Make the root key')
        await shows('The key is made.')(page)
      }),
      'POST',
    ),
    'keys-newrefused': answered(
      '**/api/v2/keys*',
      409,
      { code: 'ALREADY_EXISTS', title: 'x' },
      then(at(`${keys}?show=new`), async (page) => {
        await page.getByLabel('Name', { exact: true }).fill('ledger')
        await page.getByLabel('Alias, if you like').fill('bills')
        await press(page, 'Make the root key')
        await page.getByRole('alert').waitFor()
      }),
    ),
    'keys-policyend': then(at(`${keys}?show=policies`), async (page) => {
      await page.getByRole('region', { name: 'Metrics' }).scrollIntoViewIfNeeded()
    }),
    'keys-policychanged': then(at(`${keys}?show=policies`), async (page) => {
      await press(page, 'Change: Rotation of new root keys')
      await page.getByRole('dialog').getByLabel('Rotation of new root keys').selectOption('6')
    }),
    'keys-policycreation': then(at(`${keys}?show=policies`), async (page) => {
      await press(page, 'Change: Making and importing keys')
      await page.getByRole('dialog').getByLabel('Restrict how keys are made and imported').check()
    }),
    'keys-policyforbidden': as(reader, at(`${keys}?show=policies`)),
    ...(await kmipShots(stage, { far, at })),
    ...(await keystoreShots(stage, { far, at })),
  }
}

async function kmipShots(stage: ProductStage, { far, at }: Places): Promise<Views> {
  const { instance } = stage.product
  await newKmipAdapter(stage.client, 'databases-of-the-north')
  const adapters = await idsOf(stage, '/api/v2/kmip_adapters')
  const nobody = await newPerson(stage, 'Nia')
  await clientOf(stage, nobody, 'Reader')
  const kmip = `/kmip/${instance}`
  const { certificate, key } = newIdentity('vcenter-2.north.example.com')
  const adapter = (name: string): View => opened(at(`${kmip}?adapter=${adapters(name)}`))
  const guide = (name?: string): View =>
    at(`${kmip}?view=vcenter${name === undefined ? '' : `&adapter=${adapters(name)}`}`)
  const pasted = (text: string): View =>
    then(adapter('datacentre'), async (page) => {
      await press(page, 'Add a certificate')
      await page.getByLabel(/as PEM/).fill(text)
      await page.getByLabel('What you call it, if you like').scrollIntoViewIfNeeded()
    })
  const looked = async (page: Page): Promise<void> => {
    await press(page, 'Look in the trail')
    await page.getByText(/^It works|^No request of/).scrollIntoViewIfNeeded()
  }
  return {
    'kmip-adapter': adapter('datacentre'),
    'kmip-seen': then(adapter('datacentre'), async (page) => {
      await press(page, 'When were they last here?')
      await page.getByText('Last here', { exact: true }).waitFor()
    }),
    'kmip-adapterend': then(adapter('datacentre'), async (page) => {
      await toEnd(page.getByRole('button', { name: 'Delete the adapter' }))
    }),
    'kmip-none': adapter('databases-of-the-north'),
    'kmip-delete': answered(
      '**/api/v2/kmip_adapters/*',
      409,
      { code: 'KMIP_OBJECTS_REMAIN', title: 'x' },
      then(adapter('datacentre'), async (page) => {
        await press(page, 'Delete the adapter')
        await page.getByRole('dialog').getByRole('button', { name: 'Delete datacentre' }).click()
        await page.getByRole('alert').waitFor()
      }),
      'DELETE',
    ),
    'kmip-gone': then(
      at(`${kmip}?adapter=0199c5f2-0000-7000-8000-000000000001`),
      shows('There is no such adapter here'),
    ),
    'kmip-made': answered(
      '**/api/v2/kmip_adapters',
      201,
      { resources: [{ id: adapters('databases-of-the-north') }] },
      then(at(`${kmip}?view=new`), async (page) => {
        await page.getByLabel('Name', { exact: true }).fill('array-of-the-north')
        await page.getByLabel('Root key', { exact: true }).selectOption({ index: 1 })
        await press(page, 'Create the adapter')
        await shows('The adapter is made.')(page)
      }),
      'POST',
    ),
    'kmip-certificate': pasted(certificate),
    'kmip-privatekey': pasted(`${key}${certificate}`),
    'kmip-remove': then(adapter('datacentre'), async (page) => {
      await press(page, 'Remove vcenter-1')
      await page.getByRole('dialog').waitFor()
    }),
    'kmip-destroy': then(adapter('datacentre'), async (page) => {
      await page.locator('aside tr[data-key]').filter({ hasText: 'Active' }).getByRole('button').first().click()
      await press(page, 'Destroy the object')
      await page.getByRole('dialog').waitFor()
    }),
    'kmip-nomatch': then(at(`${kmip}?adapter=${adapters('datacentre')}&state=4`), async (page) => {
      await page.getByText('None is in this state.').scrollIntoViewIfNeeded()
    }),
    'kmip-guide': guide(),
    'kmip-guideserver': then(guide('datacentre'), async (page) => {
      await page.getByRole('heading', { name: /^4\./ }).scrollIntoViewIfNeeded()
    }),
    'kmip-guideclient': then(guide('datacentre'), async (page) => {
      await page.getByLabel(/as PEM/).fill(certificate)
      await page.getByRole('heading', { name: /^5\./ }).scrollIntoViewIfNeeded()
    }),
    'kmip-guidearrived': then(guide('datacentre'), looked),
    'kmip-guidewaiting': then(guide('vsphere'), looked),
    'kmip-guideoff': async (page) => {
      await page.route('**/v1/locations', async (route) => {
        const response = await route.fetch()
        await route.fulfill({ response, json: { ...(await response.json()), endpoints: {} } })
      })
      await guide()(page)
    },
    'kmip-new': then(at(`${kmip}?view=new`), async (page) => {
      await page.getByLabel('Name', { exact: true }).fill('array-of-the-north')
      await page.getByLabel('Root key', { exact: true }).selectOption({ index: 1 })
    }),
    'kmip-newother': then(at(`${kmip}?view=new`), async (page) => {
      await page.getByLabel('Name', { exact: true }).fill('no spaces please')
      await page.getByLabel('Root key', { exact: true }).selectOption('other')
    }),
    'kmip-empty': at(`/kmip/${far}`),
    'kmip-forbidden': signedInAs(stage, nobody, at(kmip)),
    'kmip-failed': answered(
      '**/api/v2/kmip_adapters?*',
      500,
      { code: 'INTERNAL', title: 'The service failed.' },
      at(kmip),
    ),
  }
}

async function keystoreShots(stage: ProductStage, { far, at }: Places): Promise<Views> {
  const { instance } = stage.product
  const made = await stage.client.call<{ id: string }>('POST', `/v1/keystores/${instance}`, {
    body: { type: 'private', name: 'signing-of-the-release-pipeline' },
  })
  const listed = await stage.client.call<{ keystores: { id: string; name?: string }[] }>(
    'GET',
    `/v1/keystores/${instance}`,
  )
  const archive = listed.json.keystores.find(({ name }) => name === 'archive')?.id ?? ''
  const nobody = await newPerson(stage, 'Omar')
  await clientOf(stage, nobody, 'CertificateAdministrator')
  const list = `**/v1/keystores/${instance}?*`
  const keystores = `/keystores/${instance}`
  return {
    'keystores-panel': opened(at(`${keystores}?keystore=${archive}`)),
    'keystores-none': opened(at(`${keystores}?keystore=${made.json.id}`)),
    'keystores-gone': then(
      at(`${keystores}?keystore=0199c5f2-0000-7000-8000-000000000001`),
      shows('There is no such keystore here'),
    ),
    'keystores-empty': at(`/keystores/${far}`),
    'keystores-ep11': answered(list, 403, { code: 'KEYSTORE_OVER_EP11_ONLY', title: 'x' }, at(keystores)),
    'keystores-forbidden': signedInAs(stage, nobody, at(keystores)),
  }
}

/** Of the resources of a list, by their names. */
async function idsOf(stage: ProductStage, path: string): Promise<(name: string) => string> {
  const { json } = await stage.client.call<{ resources: { id: string; name: string }[] }>('GET', path)
  return (name) => {
    const found = json.resources.find((each) => each.name === name)
    if (found === undefined) throw new Error(`${path} has no ${name}`)
    return found.id
  }
}

async function grant(stage: ProductStage, { id }: SomePerson, role: string, scope: object): Promise<void> {
  await stage.client.call('POST', '/v1/iam/roles', { body: { identity: id, role, scope } })
}

const panel = (page: Page) => page.locator('aside').first()
const press = (page: Page, name: string): Promise<void> => page.getByRole('button', { name, exact: true }).click()

const then =
  (first: View, second: View): View =>
  async (page) => {
    await first(page)
    await second(page)
  }

/** Waits for what stands in the open panel. */
const opened = (view: View): View =>
  then(view, async (page) => {
    await panel(page).waitFor()
    await page.waitForFunction(() => document.querySelector('aside [data-kind="loading"]') === null)
  })

const shows =
  (text: string): View =>
  async (page) => {
    await panel(page).getByText(text).first().waitFor()
  }

/** In place of whoever is signed in on the page. */
const signedInAs =
  (stage: ProductStage, { apiKey }: SomePerson, view: View): View =>
  async (page) => {
    await page.context().clearCookies()
    await page.goto(`${stage.url}/locations`)
    await page.getByLabel('API key').fill(apiKey)
    await page.keyboard.press('Enter')
    await page.getByRole('button', { name: /account, theme/ }).waitFor()
    await view(page)
  }

const answered =
  (path: string, status: number, json: object, view: View, method?: string): View =>
  async (page) => {
    await page.route(path, (route) =>
      method === undefined || route.request().method() === method ? route.fulfill({ status, json }) : route.fallback(),
    )
    await view(page)
  }

const unanswered =
  (path: string, address: string, stage: ProductStage): View =>
  async (page) => {
    await page.route(path, () => undefined)
    await page.goto(`${stage.url}${address}`)
    await page
      .getByText(/^Reading/)
      .first()
      .waitFor()
  }

/** As many as fill the window, and more to come. */
const more =
  (path: string, view: View): View =>
  async (page) => {
    await page.route(path, async (route) => {
      const response = await route.fetch()
      const body = (await response.json()) as { keys: { id: string; name: string }[] }
      const keys = Array.from({ length: 6 }, (_, round) =>
        body.keys.map((each) => ({
          ...each,
          id: each.id.replace(/^.{8}/, `0000000${round}`),
          name: `${each.name} ${round}`,
        })),
      ).flat()
      await route.fulfill({ response, json: { ...body, keys, next: 'more' } })
    })
    await view(page)
  }
