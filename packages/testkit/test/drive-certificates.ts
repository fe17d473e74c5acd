/** Has everything done to client certificates once with success and once refused: for the witness test. */
import { CertificateAdministrator, Client, newCertificate, type Product } from '../src/index.ts'
import { secondAdministrator } from './second-person.ts'

export async function driveCertificates(product: Product, client: Client): Promise<void> {
  const administrator = await CertificateAdministrator.make(client, product)
  const unsigned = client.call.bind(client)
  const base = `/v1/certs/${product.instance}`
  const content = { body: { publicKey: '' } }
  await unsigned('POST', `${base}/adminkey`, content)
  await unsigned('PUT', `${base}/adminkey`, content)
  await unsigned('DELETE', `${base}/adminkey`)
  await unsigned('PUT', `${base}/certs/none`, content)
  await unsigned('DELETE', `${base}/certs/none`)
  for (const instance of [product.instance, '11111111-1111-4111-8111-111111111111']) {
    for (const path of ['adminkey', 'certs', 'certs/ca']) await unsigned('GET', `/v1/certs/${instance}/${path}`)
  }
  await administrator.replaceKey()
  await administrator.set('ca', newCertificate('authority'))
  await unsigned('GET', `${base}/certs/ca`)
  // From then on clients need none again.
  await administrator.remove('ca')
  await driveRecoveries(product, client)
  await administrator.send('DELETE', '/adminkey')
}

/** Of the key that the client itself has. */
async function driveRecoveries(product: Product, client: Client): Promise<void> {
  const second = await new Client({ ...product, apiKey: await secondAdministrator(client, 'recovering') }).signIn()
  const base = `/v1/certs/${product.instance}/recoveries`
  await client.call('GET', `${base}?limit=none`)
  const listed = await client.call<{ administrators: { administrator: { id: string } }[] }>('GET', base)
  const body = { administrator: listed.json.administrators[0]?.administrator.id, removes: 'admin-key' }
  const { json } = await client.call<{ id: string }>('POST', base, { body })
  await client.call('POST', base, { body })
  for (const how of ['approve', 'withdraw']) {
    for (let times = 0; times < 2; times++) await second.call('POST', `${base}/${json.id}/${how}`)
  }
}
