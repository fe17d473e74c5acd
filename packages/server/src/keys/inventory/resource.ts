/** A key as the inventory shows it: what people look after, and never material. */
import { Type } from 'typebox'
import type { Identities } from '../../iam/identities.ts'
import type { Reader } from '../../store/store.ts'
import { keyType } from '../admit.ts'
import { formatDate } from '../date.ts'
import { authorisationAt } from '../dual-authorisation.ts'
import type { KeyRow } from '../key-row.ts'
import type { KeyCall, KeyParts } from '../parts.ts'
import { ACTIVE, DEACTIVATED, stateAt, stateNames } from '../states.ts'
import { policiesOf, type PolicyOfKey, registrationsOf, type RegistrationsOfKey } from './rows.ts'

/** What showing some keys needs besides their rows. */
interface Details {
  readonly now: number
  readonly limits: KeyParts['limits']
  /** All by the id of a key. */
  readonly aliases: ReadonlyMap<string, readonly string[]>
  readonly rotations: ReadonlyMap<string, PolicyOfKey>
  readonly needsTwo: ReadonlySet<string>
  readonly registrations: ReadonlyMap<string, RegistrationsOfKey>
  /** By the id of an identity; those that are gone, or are none of the account, have none. */
  readonly names: ReadonlyMap<string, string>
}

interface ResourceParts extends Pick<KeyParts, 'keys' | 'clock' | 'limits'> {
  readonly reader: Reader
  readonly identities: Pick<Identities, 'namesOf'>
}

/** The same number of statements for however many keys. */
export function inventoryResources(call: KeyCall, keys: readonly KeyRow[], parts: ResourceParts): object[] {
  const { guid, account } = call.instance
  const ids = keys.map(({ id }) => id)
  const policies = policiesOf(parts.reader, guid, ids)
  const people = keys.flatMap(({ createdBy, authorisedBy, deletedBy }) => [createdBy, authorisedBy, deletedBy])
  const details: Details = {
    now: parts.clock.now(),
    limits: parts.limits,
    aliases: parts.keys.aliasesOf(guid, ids),
    rotations: new Map(policies.filter(({ kind }) => kind === 'rotation').map((policy) => [policy.key, policy])),
    needsTwo: new Set(policies.filter(({ kind }) => kind === 'dualAuthDelete').map(({ key }) => key)),
    registrations: new Map(registrationsOf(parts.reader, guid, ids).map((row) => [row.key, row])),
    names: parts.identities.namesOf(
      account,
      people.filter((id) => id !== null),
    ),
  }
  return keys.map((key) => resourceOf(key, details))
}

function resourceOf(key: KeyRow, details: Details): object {
  const tags = JSON.parse(key.tags) as string[]
  const registered = details.registrations.get(key.id)
  return {
    id: key.id,
    name: key.name,
    aliases: details.aliases.get(key.id) ?? [],
    ...(key.description === null ? {} : { description: key.description }),
    ...(tags.length === 0 ? {} : { tags }),
    ring: key.ring,
    kind: keyType(key),
    extractable: key.extractable === 1,
    imported: key.imported === 1,
    state: stateNames[stateAt(key, details.now)],
    createdAt: formatDate(key.createdAt),
    createdBy: identityOf(key.createdBy, details),
    ...(key.rotatedAt === null ? {} : { rotatedAt: formatDate(key.rotatedAt) }),
    versions: key.versions,
    rotation: rotationOf(key, details),
    ...(key.expiresAt === null ? {} : { expiresAt: formatDate(key.expiresAt) }),
    needsTwo: details.needsTwo.has(key.id),
    deletion: deletionOf(key, details),
    ...deletedOf(key, details),
    registrations: registered?.total ?? 0,
    protectedByRegistration: registered?.prevents === 1,
  }
}

function identityOf(id: string, { names }: Details): object {
  const name = names.get(id)
  return { id, ...(name === undefined ? {} : { name }) }
}

/** A key that has expired is not rotated any more. */
function rotationOf(key: KeyRow, { rotations, now }: Details): object | null {
  const policy = rotations.get(key.id)
  if (policy === undefined || policy.months === null) return null
  const dueAt = stateAt(key, now) === ACTIVE ? policy.dueAt : null
  return {
    everyMonths: policy.months,
    dueAt: dueAt === null ? null : formatDate(dueAt),
    overdue: dueAt !== null && dueAt <= now,
  }
}

/** While the first of two people has agreed. */
function deletionOf(key: KeyRow, details: Details): object | null {
  const authorisation = authorisationAt(key, details.now)
  if (authorisation === undefined || key.deletedAt !== null) return null
  return {
    setForDeletion: true,
    by: identityOf(authorisation.by, details),
    at: formatDate(authorisation.until - details.limits.authorisationMs),
    expiresAt: formatDate(authorisation.until),
    needsSecond: true,
  }
}

function deletedOf(key: KeyRow, details: Details): object {
  if (key.deletedAt === null) return {}
  const { limits, now } = details
  const isOver = key.deletedFrom === DEACTIVATED || (key.expiresAt !== null && key.expiresAt <= now)
  return {
    deletedAt: formatDate(key.deletedAt),
    ...(key.deletedBy === null ? {} : { deletedBy: identityOf(key.deletedBy, details) }),
    ...(isOver ? {} : { restoreUntil: formatDate(key.deletedAt + limits.restoreForMs) }),
    purgeFrom: formatDate(key.deletedAt + limits.purgeAfterMs),
    purgeAt: formatDate(key.deletedAt + limits.purgeScheduledAfterMs),
  }
}

const Time = (description?: string) =>
  Type.String({ format: 'date-time', ...(description === undefined ? {} : { description }) })
const Identity = Type.Object({ id: Type.String(), name: Type.Optional(Type.String()) })

export const InventoryKey = Type.Object({
  id: Type.String({ format: 'uuid' }),
  name: Type.String(),
  aliases: Type.Array(Type.String()),
  description: Type.Optional(Type.String()),
  tags: Type.Optional(Type.Array(Type.String())),
  ring: Type.String(),
  kind: Type.Union([Type.Literal('root'), Type.Literal('standard')]),
  extractable: Type.Boolean(),
  imported: Type.Boolean(),
  state: Type.Union(Object.values(stateNames).map((name) => Type.Literal(name))),
  createdAt: Time(),
  createdBy: Identity,
  rotatedAt: Type.Optional(Time()),
  versions: Type.Integer(),
  rotation: Type.Union([
    Type.Object(
      {
        everyMonths: Type.Integer({ description: 'Months of 30 days.' }),
        dueAt: Type.Union([Time(), Type.Null()], { description: 'Null while the key is not active.' }),
        overdue: Type.Boolean(),
      },
      { description: 'Of the policy in force.' },
    ),
    Type.Null(),
  ]),
  expiresAt: Type.Optional(Time()),
  needsTwo: Type.Boolean({ description: 'Two people must agree to the deletion.' }),
  deletion: Type.Union([
    Type.Object(
      {
        setForDeletion: Type.Literal(true),
        by: Identity,
        at: Time(),
        expiresAt: Time('Until then another person may delete the key.'),
        needsSecond: Type.Literal(true),
      },
      { description: 'The first of two people has agreed.' },
    ),
    Type.Null(),
  ]),
  deletedAt: Type.Optional(Time()),
  deletedBy: Type.Optional(Identity),
  restoreUntil: Type.Optional(Time('Not there when the key cannot be restored.')),
  purgeFrom: Type.Optional(Time('From then on somebody may purge it.')),
  purgeAt: Type.Optional(Time('Then the service purges it.')),
  registrations: Type.Integer({ description: 'Resources that the key protects.' }),
  protectedByRegistration: Type.Boolean({
    description: 'One of them has a retention policy: the key cannot be deleted, by force neither.',
  }),
})
