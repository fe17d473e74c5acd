/** Has everything done to client certificates once with success and once refused: for the witness test. */
import { CertificateAdministrator, type Client, newCertificate, type Product } from '../src/index.ts'

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
  await administrator.send('DELETE', '/adminkey')
}
