/** Has everything done to EP11 keystores once with success and once refused: for the witness test. */
import type { Client, Product } from '../src/index.ts'

const unknown = '11111111-1111-4111-8111-111111111111'

export async function driveKeystores(product: Pick<Product, 'instance'>, client: Client): Promise<void> {
  const base = `/v1/keystores/${product.instance}`
  const call = client.call.bind(client)
  const { id } = (await call<{ id: string }>('POST', base, { body: { type: 'public' } })).json
  await call('POST', base, { body: { type: 'public', id } })
  // Data are no key: no crypto unit need know them.
  const wish = { object: Buffer.from('covered').toString('base64'), attributes: { CKA_CLASS: 0 } }
  const key = (await call<{ id: string }>('POST', `${base}/${id}/keys`, { body: wish })).json.id
  await call('POST', `${base}/${unknown}/keys`, { body: wish })
  const headers = { 'if-match': '"0"' }
  for (const keystore of [id, unknown]) {
    await call('GET', `${base}/${keystore}`)
    await call('GET', `${base}/${keystore}/keys`)
    await call('POST', `${base}/search`, { body: { keystores: [keystore] } })
    await call('PATCH', `${base}/${keystore}/keys/${key}`, { body: {}, headers })
    await call('DELETE', `${base}/${keystore}/keys/${key}`)
    await call('DELETE', `${base}/${keystore}`)
  }
  await call('GET', `${base}?id=none`)
  await call('GET', `${base}?type=public`)
  await call('GET', `${base}?type=other`)
}
