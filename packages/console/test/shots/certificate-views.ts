/** Views of client certificates: in force, frozen, ended, under recovery, proved, and for those who may not see them. */
import { Client } from '../../../testkit/src/client.ts'
import { CertificateAdministrator } from '../../../testkit/src/certificate-administrator.ts'
import { newCertificate } from '../../../testkit/src/new-certificate.ts'
import type { AcceptedCertificates, Recoveries, Recovery } from '../../src/api/certificates-api.ts'
import type { TrailItem } from '../../src/api/types.ts'
import { newPerson, type SomePerson } from '../fixture/people.ts'
import type { ProductStage } from '../fixture/product-stage.ts'
import {
  after,
  answered,
  changed,
  refreshedInVain,
  seenBy,
  toEnd,
  transcriptOnPaper,
  type View,
  viewAt,
  type Views,
  waiting,
} from './view.ts'

/** @param guid of an instance that nobody uses otherwise: clients of it need certificates from now on */
export async function certificateViews(stage: ProductStage, reader: SomePerson, guid: string): Promise<Views> {
  const second = await leadCertificateLife(stage, guid)
  const at = (search = ''): View => viewAt(stage, `/certificates/${guid}${search}`)
  const list = '**/v1/certs/*/certs?*'
  const events = '**/v1/trackers/*/events?*mtlscert*'
  const open = (name: string): View =>
    after(at(), async (page) => {
      await page.getByRole('button', { name, exact: true }).click()
      await page.getByRole('complementary').waitFor()
    })
  const recoveries = at('?view=recoveries')
  return {
    certificates: at(),
    'certificates-panel': open('clients-2026'),
    'certificates-panel-end': after(open('clients-2026'), async (page) => {
      await toEnd(page.getByText('The command is signed on'))
    }),
    'certificates-frozen': open('databases'),
    'certificates-ended': answered(at(), list, ended),
    'certificates-stale': refreshedInVain(at(), list),
    'certificates-loading': waiting(stage, `/certificates/${guid}`, list),
    'certificates-failed': answered(at(), list, { code: 'INTERNAL', detail: 'It broke.' }, 500),
    'certificates-forbidden': seenBy(reader, at()),
    'certificates-recoveries': recoveries,
    'certificates-recoveries-end': after(recoveries, async (page) => {
      await toEnd(page.getByRole('heading', { name: 'Over', exact: true }))
    }),
    'certificates-propose': after(recoveries, async (page) => {
      await page.getByRole('button', { name: 'Propose to remove what owner has' }).click()
      await page.getByRole('dialog').waitFor()
    }),
    'certificates-approve': seenBy(
      second,
      after(recoveries, async (page) => {
        await page.getByRole('button', { name: 'Approve as the second person' }).click()
        await page.getByRole('dialog').waitFor()
      }),
    ),
    'certificates-withdraw': after(recoveries, async (page) => {
      await page.getByRole('button', { name: 'Withdraw', exact: true }).click()
      await page.getByRole('dialog').waitFor()
    }),
    'certificates-recoveries-approved': changed(recoveries, '**/v1/certs/*/recoveries', approve),
    'certificates-recoveries-forbidden': seenBy(reader, recoveries),
    'certificates-transcript': at('?view=transcript'),
    'certificates-transcript-end': after(at('?view=transcript'), async (page) => {
      await toEnd(page.getByText('What this rests on'))
    }),
    'certificates-transcript-unproved': changed(at('?view=transcript'), events, withoutKeys),
    'certificates-transcript-paper': transcriptOnPaper(at('?view=transcript')),
    'certificates-transcript-empty': viewAt(stage, `/certificates/${stage.product.instance}?view=transcript`),
  }
}

/** One key was lost: its removal is proposed, after one that was withdrawn. Gives another administrator of the account. */
async function leadCertificateLife(stage: ProductStage, instance: string): Promise<SomePerson> {
  const place = { ...stage.product, instance }
  const own = await CertificateAdministrator.make(stage.client, place)
  await own.set('clients-2026', newCertificate('Clients 2026'))
  await own.set('clients-2027', newCertificate('Clients 2027 of the payments platform'))
  await own.replaceKey()
  await own.remove('clients-2027')
  const ben = await newPerson(stage, 'Ben Bitdiddle', 'Reader')
  const client = await new Client({ ...place, apiKey: ben.apiKey }).signIn()
  const other = await CertificateAdministrator.make(client, place, stage.client)
  await other.set('databases', newCertificate('Databases'))
  await other.send('DELETE', '/adminkey')
  const propose = async (): Promise<string> => {
    const body = { administrator: ben.id, removes: 'admin-key-and-certificates' }
    const made = await stage.client.call<{ id: string }>('POST', `/v1/certs/${instance}/recoveries`, { body })
    if (made.status >= 300) throw new Error(`nothing proposed: ${made.status} ${made.text}`)
    return made.json.id
  }
  await stage.client.call('POST', `/v1/certs/${instance}/recoveries/${await propose()}/withdraw`)
  await propose()
  return newPerson(stage, 'Cleo Second', 'Administrator')
}

/** Somebody else has approved it an hour ago. */
function approve(answer: Recoveries): Recoveries {
  const recoveries = answer.recoveries.map((each) =>
    each.state === 'open' ? { ...each, state: 'approved' as const, ...approvedBy(hourAgo()) } : each,
  )
  return { ...answer, recoveries }
}

const hourAgo = (): number => Date.now() - 3_600_000
const approvedBy = (at: number): Pick<Recovery, 'approvedBy' | 'approvedAt' | 'dueAt'> => ({
  approvedBy: { id: 'IBMid-ada', name: 'Ada Lovelace' },
  approvedAt: new Date(at).toISOString(),
  dueAt: new Date(at + 24 * 3_600_000).toISOString(),
})

/** The events that brought the keys have left by the retention. */
const withoutKeys = (answer: { readonly events: readonly TrailItem[] }): object => ({
  ...answer,
  events: answer.events.filter(({ event }) => !event.action.startsWith('hs-crypto.mtlscert-admin-key.')),
})

const ended: AcceptedCertificates = {
  certs: ['clients-2024', 'clients-2025'].map((certId, at) => ({
    certId,
    fingerprint: 'ab'.repeat(32),
    subject: `CN=Clients ${2024 + at},O=Example`,
    issuer: 'CN=Root,O=Example',
    serialNumber: '0123456789abcdef0123456789abcdef01234567',
    notBefore: '2020-01-01T00:00:00Z',
    notAfter: `2025-0${at + 1}-01T00:00:00Z`,
    certificate: '',
    createdAt: '2020-01-01T00:00:00Z',
    updatedAt: '2020-01-01T00:00:00Z',
    administrator: { id: `KWid-${at}`, name: at === 0 ? 'Ada Lovelace' : null },
    frozen: at === 1,
  })),
  mtlsEnabled: true,
  generation: 7,
}
