/** A second person who may administer everything of an account: who approves what the first has proposed. */
import type { Client } from '../src/index.ts'

/** Resolves once everything that was recorded before is in the log of the account's home. */
export async function settled(client: Client): Promise<void> {
  const { eventId } = await client.call('GET', '/v1/trackers')
  await client.event(eventId)
}

/** Makes a user with the role and an API key; answers the key. */
export async function secondAdministrator(
  first: Client,
  name = 'bob',
  scope: object = { kind: 'account' },
  role = 'Administrator',
): Promise<string> {
  const user = await first.call<{ id: string }>('POST', '/v1/iam/users', { body: { name } })
  const identity = user.json.id
  const grant = await first.call('POST', '/v1/iam/roles', { body: { identity, role, scope } })
  const key = await first.call<{ apikey: string }>('POST', '/v1/iam/api-keys', { body: { identity, name: 'own' } })
  for (const made of [user, grant, key]) if (made.status !== 201) throw new Error(`${made.status} ${made.text}`)
  return key.json.apikey
}
