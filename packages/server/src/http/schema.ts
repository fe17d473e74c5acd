/** Schemas of our own APIs: one object checks a body after authentication and describes it in OpenAPI. */
import { type Static, type TSchema, Type } from 'typebox'
import { Compile } from 'typebox/compile'
import { Refusal } from '../errors.ts'
import type { JsonValue } from './json.ts'

/** Reads a parsed body as what the schema says. */
export type BodyReader<T extends TSchema> = (body: JsonValue | undefined) => Static<T>

/**
 * Compiles a schema once.
 * The reader throws Refusal `NO_BODY_ERR`; `BAD_BODY_ERR` when the body as a whole is not of the shape (no object, an
 * unknown member); `INVALID_FIELD_ERR` naming the member at fault, always one of the schema's own.
 */
export function bodyReader<T extends TSchema>(schema: T): BodyReader<T> {
  const validator = Compile(schema)
  const members = new Set(Object.keys((schema as { properties?: object }).properties ?? {}))
  return (body) => {
    if (body === undefined) throw new Refusal('NO_BODY_ERR')
    if (validator.Check(body)) return body
    throw shapeRefusal(validator.Errors(body), members)
  }
}

function shapeRefusal(
  found: readonly { instancePath: string; keyword: string; params: object }[],
  members: ReadonlySet<string>,
): Refusal {
  for (const { instancePath, keyword, params } of found) {
    if (keyword === 'additionalProperties' || keyword === 'type') {
      if (instancePath === '') return new Refusal('BAD_BODY_ERR')
    }
    const required = (params as { requiredProperties?: readonly string[] }).requiredProperties?.[0]
    const name = required ?? instancePath.split('/')[1]
    if (name !== undefined && members.has(name))
      return new Refusal('INVALID_FIELD_ERR', { at: { type: 'field', name } })
  }
  return new Refusal('BAD_BODY_ERR')
}

/** Characters that could make a line say something else than it does: controls, and those that turn its direction. */
const unprintable = '\\u0000-\\u001f\\u007f-\\u009f\\u2028\\u2029\\u202a-\\u202e\\u2066-\\u2069'

/** Human text: names and descriptions. */
export function Text(charsMax: number, description: string): ReturnType<typeof Type.String> {
  return Type.String({ minLength: 1, maxLength: charsMax, pattern: `^[^${unprintable}]+$`, description })
}

/** Text of one line, which may be empty. */
export function Line(charsMax: number, description: string): ReturnType<typeof Type.String> {
  return Type.String({ maxLength: charsMax, pattern: `^[^${unprintable}]*$`, description })
}

export const nameCharsMax = 90

/** Bounds of a list answer. */
const listLimit = { default: 100, max: 1_000 } as const

/** One page of a list: from the query. */
export interface Page {
  readonly limit: number
  /** Id of the last item of the page before; empty for the first page. */
  readonly after: string
}

/** @throws Refusal `INVALID_QUERY_PARAM_ERR` */
export function pageOf(query: URLSearchParams): Page {
  const limit = query.get('limit') ?? String(listLimit.default)
  if (!/^[1-9]\d{0,3}$/.test(limit) || Number(limit) > listLimit.max) throw badParameter('limit')
  const after = query.get('after') ?? ''
  if (!/^[\w.-]{0,128}$/.test(after)) throw badParameter('after')
  return { limit: Number(limit), after }
}

export function badParameter(name: string): Refusal {
  return new Refusal('INVALID_QUERY_PARAM_ERR', { at: { type: 'query_param', name } })
}

/** `after` of the next page, or null when this one was the last. */
export function nextOf<Item>(items: readonly Item[], page: Page, idOf: (item: Item) => string): string | null {
  const last = items.at(-1)
  return items.length < page.limit || last === undefined ? null : idOf(last)
}

export const PageQuery = Type.Object({
  limit: Type.Optional(Type.Integer({ minimum: 1, maximum: listLimit.max, default: listLimit.default })),
  after: Type.Optional(Type.String({ description: '`next` of the page before.' })),
})

export const ProblemSchema = Type.Object(
  {
    type: Type.String(),
    title: Type.String(),
    status: Type.Integer(),
    detail: Type.String(),
    code: Type.String({ description: 'Stable; one of the error reference.' }),
    correlationId: Type.String(),
    eventId: Type.Optional(Type.String({ description: 'The event that witnesses the refusal.' })),
  },
  { description: 'RFC 9457 problem document.' },
)

export const Timestamp = Type.String({ format: 'date-time' })

export function timestamp(milliseconds: number): string {
  return new Date(milliseconds).toISOString()
}
