/** A saved view as it was sent, checked: its query can be read, its times exist. And as it is answered and recorded. */
import { parsePeriod, parseQuery, queryBounds, QueryError, timeForms } from '@keywitness/cadf'
import { Type } from 'typebox'
import { Refusal } from '../../errors.ts'
import type { JsonValue } from '../../http/json.ts'
import { bodyReader, Line, Text, timestamp } from '../../http/schema.ts'
import { maskSecrets } from '../search/mask.ts'
import type { ViewRow } from './view-rows.ts'

const nameMax = 100
const categoryMax = 50
const timeMax = 64
const Time = (description: string) => Type.Optional(Type.String({ minLength: 1, maxLength: timeMax, description }))

export const WrittenView = Type.Object(
  {
    name: Text(nameMax, 'Unique among the own ones of a person, and among the shared ones'),
    category: Type.Optional(Line(categoryMax, 'Under which it is listed; free')),
    query: Type.Optional(Line(queryBounds.characters, 'In the query language; every event when empty')),
    from: Time('As searches take it: RFC 3339, a day, or relative such as -24h; inclusive'),
    to: Time('The same forms; exclusive'),
    by: Type.Optional(
      Type.Union([Type.Literal('severity'), Type.Literal('outcome')], {
        default: 'severity',
        description: 'What its histogram tells apart',
      }),
    ),
    isShared: Type.Optional(Type.Boolean({ default: false, description: 'Whether all who read the tracker see it' })),
  },
  { additionalProperties: false },
)

type Wish = Pick<ViewRow, 'name' | 'category' | 'query' | 'from' | 'to' | 'by' | 'isShared'>

const readWritten = bodyReader(WrittenView)

/** @throws Refusal NO_BODY_ERR, BAD_BODY_ERR, INVALID_FIELD_ERR with the place in the query */
export function readView(body: JsonValue | undefined, now: number): Wish {
  const { name, category = '', query = '', from, to, by = 'severity', isShared = false } = readWritten(body)
  refuseBadQuery(query, now)
  for (const [member, text] of Object.entries({ from, to })) {
    if (text !== undefined && parsePeriod(text, { now }) === undefined) {
      throw refused(member, `The member ${member} must be a time: ${timeForms}.`)
    }
  }
  return {
    name: name.normalize('NFC'),
    category,
    query: query.trim(),
    from: from ?? null,
    to: to ?? null,
    by,
    isShared: isShared ? 1 : 0,
  }
}

/** What was typed may stand in the message: it is masked like any query. */
function refuseBadQuery(query: string, now: number): void {
  try {
    parseQuery(query, { now })
  } catch (error) {
    if (!(error instanceof QueryError)) throw error
    const { at: from, length } = error
    throw new Refusal('INVALID_FIELD_ERR', {
      message: `The query cannot be read at character ${from + 1}: ${maskSecrets(error.message)}`,
      at: { type: 'field', name: 'query', from, length },
    })
  }
}

function refused(name: string, message: string): Refusal {
  return new Refusal('INVALID_FIELD_ERR', { message, at: { type: 'field', name } })
}

/** As the API answers it. */
export function viewOf(view: ViewRow): object {
  const { id, name, category, query, from, to, by, isShared, owner, ownerName, version, createdAt, updatedAt } = view
  return {
    id,
    name,
    category,
    query,
    from,
    to,
    by,
    isShared: isShared === 1,
    owner: { id: owner, name: ownerName },
    version,
    createdAt: timestamp(createdAt),
    updatedAt: timestamp(updatedAt),
  }
}

export function scopeOf({ isShared }: Pick<ViewRow, 'isShared'>): 'own' | 'shared' {
  return isShared === 1 ? 'shared' : 'own'
}

/** What an event tells of a view before or after: without anything that looks like a secret somebody typed. */
export function viewFacts<const S extends 'initialValue' | 'newValue'>(
  side: S,
  { name, category, query, from, to, by, isShared }: Wish,
): ViewFacts<S> {
  return {
    [`${side}.viewName`]: maskSecrets(name),
    ...(category === '' ? {} : { [`${side}.viewCategory`]: maskSecrets(category) }),
    ...(query === '' ? {} : { [`${side}.viewQuery`]: maskSecrets(query) }),
    ...(from === null && to === null ? {} : { [`${side}.viewTimes`]: `${from ?? ''}..${to ?? ''}` }),
    [`${side}.viewBy`]: by,
    [`${side}.viewScope`]: scopeOf({ isShared }),
  } as ViewFacts<S>
}

type ViewFacts<S extends string> = { readonly [name in `${S}.viewName`]: string } & {
  readonly [name in `${S}.viewCategory` | `${S}.viewQuery` | `${S}.viewTimes`]?: string
} & { readonly [name in `${S}.viewBy`]: 'severity' | 'outcome' } & {
  readonly [name in `${S}.viewScope`]: 'own' | 'shared'
}
