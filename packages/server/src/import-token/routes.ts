/** The import token API over HTTP. Its answers are bare objects, without an envelope. */
import type { FastifySchema } from 'fastify'
import { Type } from 'typebox'
import { type KmsRoute, kmsRoute } from '../http/witnessed.ts'
import { toBase64 } from '../keys/base64.ts'
import { formatDate } from '../keys/date.ts'
import { createImportToken, parseTokenWish, tokenLimits } from './create.ts'
import type { ImportTokenParts } from './parts.ts'
import { readImportToken } from './read.ts'
import type { ImportToken } from './token.ts'

const bounded = ({ min, max, default: usual }: { min: number; max: number; default: number }) =>
  Type.Optional(Type.Integer({ minimum: min, maximum: max, default: usual }))
const headers = Type.Object({
  'bluemix-instance': Type.String({ format: 'uuid', description: 'GUID of the service instance.' }),
  'correlation-id': Type.Optional(Type.String({ description: 'Comes back in the answer and stands in the event.' })),
})
const Created = {
  creationDate: Type.String({ format: 'date-time' }),
  expirationDate: Type.String({ format: 'date-time' }),
  maxAllowedRetrievals: Type.Integer(),
  remainingRetrievals: Type.Integer(),
}
/** For the description: nothing is checked against it. */
const schemas = {
  create: {
    tags: ['import token'],
    summary: 'Create an import token; the one before it ends',
    headers,
    body: Type.Object({
      expiration: bounded(tokenLimits.expiration),
      maxAllowedRetrievals: bounded(tokenLimits.maxAllowedRetrievals),
    }),
    response: { 200: Type.Object(Created) },
  },
  read: {
    tags: ['import token'],
    summary: 'Retrieve public key and nonce of the import token; counted',
    headers,
    response: {
      200: Type.Object({
        ...Created,
        payload: Type.String({ description: 'Base64 of a PEM public key, RSA-4096.' }),
        nonce: Type.String({ description: 'Base64 of 12 bytes.' }),
      }),
    },
  },
} as const satisfies Record<string, FastifySchema>

export function importTokenRoutes(parts: ImportTokenParts): readonly KmsRoute[] {
  return [
    kmsRoute({
      method: 'POST',
      url: '/api/v2/import_token',
      schema: schemas.create,
      action: 'hs-crypto.import-token.create',
      saysWhat: true,
      operation: async (request, seen) => {
        const done = await createImportToken(request, () => parseTokenWish(request.body()), parts)(seen)
        return { ...done, result: { body: shown(done.result) } }
      },
    }),
    kmsRoute({
      method: 'GET',
      url: '/api/v2/import_token',
      schema: schemas.read,
      action: 'hs-crypto.import-token.read',
      operation: async (request, seen) => {
        const done = await readImportToken(request, parts)(seen)
        const { token, nonce } = done.result
        return {
          ...done,
          result: { body: { ...shown(token), payload: toBase64(Buffer.from(token.publicKey)), nonce } },
        }
      },
    }),
  ]
}

function shown(token: ImportToken) {
  return {
    creationDate: formatDate(token.createdAt),
    expirationDate: formatDate(token.expiresAt),
    expiration: Math.round((token.expiresAt - token.createdAt) / 1_000),
    maxAllowedRetrievals: token.maxRetrievals,
    remainingRetrievals: token.remainingRetrievals,
  }
}
