/** `/v1/accounts`: further accounts, founded by the operator with an owner and a first API key. */
import type { FastifyInstance } from 'fastify'
import { Type } from 'typebox'
import type { Clock } from '../../clock.ts'
import { Refusal } from '../../errors.ts'
import { accountsMax } from '../../iam/accounts.ts'
import { firstApiKey, foundAccount } from '../../iam/found-account.ts'
import { accountCrn, type Ids, newAccountId } from '../../iam/names.ts'
import type { Access } from '../../iam/roles.ts'
import { newApiKey, type RandomBytes } from '../../iam/secret.ts'
import { addAccountRoute } from '../account-route.ts'
import type { Door } from '../door.ts'
import { bodyReader, nameCharsMax, Text, timestamp, Timestamp } from '../schema.ts'

export interface AccountRouteParts {
  readonly door: Door
  readonly access: Access
  /** Locations that can be an account's home. */
  readonly locations: readonly string[]
  readonly clock: Pick<Clock, 'now'>
  readonly ids: Ids
  readonly random: RandomBytes
}

const NewAccount = Type.Object(
  {
    name: Text(nameCharsMax, 'For people.'),
    home: Type.String({ minLength: 1, maxLength: 64, description: 'Location that gets its account-level events.' }),
    owner: Text(nameCharsMax, 'Name of its first user.'),
  },
  { additionalProperties: false },
)
const Created = Type.Object({
  id: Type.String(),
  name: Type.String(),
  home: Type.String(),
  createdAt: Timestamp,
  owner: Type.Object({ id: Type.String(), name: Type.String() }),
  apikey: Type.String({ description: "The owner's first API key, this once." }),
})

export function addAccountRoutes(app: FastifyInstance, parts: AccountRouteParts): void {
  const { door, access, locations, clock, ids, random } = parts
  const readNew = bodyReader(NewAccount)
  addAccountRoute(app, door, {
    method: 'POST',
    url: '/v1/accounts',
    action: 'iam-identity.account.create',
    schema: { tags: ['accounts'], summary: 'Found an account', body: NewAccount, response: { 201: Created } },
    operation: ({ caller, body }, seen) => {
      access.requireAccount(caller, 'identities.change')
      if (door.accounts.find(caller.account)?.operator !== true) throw new Refusal('UNAUTHORIZED_ERR')
      const wish = readNew(body())
      seen.target = { ...seen.target, name: wish.name }
      if (!locations.includes(wish.home))
        throw new Refusal('INVALID_FIELD_ERR', { at: { type: 'field', name: 'home' } })
      if (door.accounts.count() >= accountsMax) throw new Refusal('QUOTA_EXCEEDED')
      const now = clock.now()
      const secret = newApiKey(random)
      const { account, owner, changes } = foundAccount(
        {
          id: newAccountId(random),
          name: wish.name,
          home: wish.home,
          operator: false,
          ownerName: wish.owner,
          now,
          createdBy: caller.id,
        },
        ids,
      )
      const { change } = firstApiKey(owner, secret, now, ids)
      seen.target = { id: accountCrn(door.cname, account.id), name: account.name }
      seen.request.identityId = owner.id
      const view = {
        id: account.id,
        name: account.name,
        home: account.home,
        createdAt: timestamp(account.createdAt),
        owner: { id: owner.id, name: owner.name },
        apikey: secret,
      }
      return { code: 201, changes: [...changes, change], result: { body: view } }
    },
  })
}
