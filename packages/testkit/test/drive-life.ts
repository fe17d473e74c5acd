/** Drives the life of keys over HTTP, each action once with success and once refused: for the witness test. */
import type { Client, Product } from '../src/index.ts'

const unknown = '11111111-1111-4111-8111-111111111111'

/** With its waiting times of none: `keys:impatient`. */
export async function driveLife(product: Product, client: Client): Promise<void> {
  const call = client.call.bind(client)
  const act = (id: string, action: string) => call('POST', `/api/v2/keys/${id}/actions/${action}`)
  await mayPurge(product, client)

  for (const ring of ['covered-ring', 'covered-ring']) await call('POST', `/api/v2/key_rings/${ring}`)
  await call('GET', '/api/v2/key_rings')
  await call('GET', '/api/v2/key_rings?limit=none')

  const id = await client.createKey('alive')
  for (const target of [id, unknown]) {
    for (const action of ['disable', 'enable', 'sync']) await act(target, action)
    await call('PATCH', `/api/v2/keys/${target}`, { body: { keyRingID: 'covered-ring' } })
    await call('POST', `/api/v2/keys/${target}/aliases/covered-alias`)
    await call('DELETE', `/api/v2/keys/${target}/aliases/covered-alias`)
    await call('DELETE', `/api/v2/keys/${target}`)
    await call('POST', `/api/v2/keys/${target}/restore`)
    await call('DELETE', `/api/v2/keys/${target}`)
  }
  await call('DELETE', '/api/v2/key_rings/covered-ring')
  await call('DELETE', '/api/v2/key_rings/covered-ring?force=true')
  for (const target of [id, unknown]) await call('DELETE', `/api/v2/keys/${target}/purge`)

  const needsTwo = await client.createKey('for two')
  await act(needsTwo, 'setKeyForDeletion')
  await act(needsTwo, 'unsetKeyForDeletion')
  await call('PUT', `/api/v2/keys/${needsTwo}/policies`, {
    body: {
      metadata: { collectionType: 'application/vnd.ibm.kms.policy+json', collectionTotal: 1 },
      resources: [{ type: 'application/vnd.ibm.kms.policy+json', dualAuthDelete: { enabled: true } }],
    },
  })
  await act(needsTwo, 'setKeyForDeletion')
  await act(needsTwo, 'unsetKeyForDeletion')

  await expiring(client)
}

/** Managers may not purge: that is a role of its own. */
export async function mayPurge(product: Product, client: Client): Promise<void> {
  const claims = JSON.parse(Buffer.from(client.token.split('.')[1] ?? '', 'base64url').toString()) as { iam_id: string }
  const scope = { kind: 'instance', id: product.instance }
  await client.call('POST', '/v1/iam/roles', { body: { identity: claims.iam_id, role: 'KeyPurge', scope } })
}

/** The service writes an expiration down within seconds. */
async function expiring(client: Client): Promise<void> {
  const type = 'application/vnd.ibm.kms.key+json'
  const expirationDate = new Date(Date.now() + 300).toISOString()
  const resources = [{ type, name: 'short-lived', extractable: false, expirationDate }]
  const body = { metadata: { collectionType: type, collectionTotal: 1 }, resources }
  await client.call('POST', '/api/v2/keys', { body })
  const deadline = performance.now() + 10_000
  while ((await client.events('action=hs-crypto.secrets.expire')).length === 0) {
    if (performance.now() > deadline) throw new Error('the expiration was not written down in time')
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
}
