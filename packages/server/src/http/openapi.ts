/** `/openapi.json` and `/docs`: the description of every route, made from the schemas the routes are declared with. */
import { fastifySwagger } from '@fastify/swagger'
import { fastifySwaggerUi } from '@fastify/swagger-ui'
import type { FastifyInstance } from 'fastify'

/** Must run before the routes are added: only what comes after is described. */
export async function describeApi(app: FastifyInstance, version: string): Promise<void> {
  await app.register(fastifySwagger, {
    openapi: {
      openapi: '3.1.0',
      info: {
        title: 'Keywitness',
        version,
        description: 'Key management whose every use of a key is witnessed. Each answer names its event.',
      },
      tags: [
        { name: 'keys', description: 'Key management, compatible with Key Protect v2.' },
        { name: 'trail', description: 'The audit trail: events, proofs, tail, log.' },
        { name: 'identity', description: 'Access tokens.' },
        { name: 'identities', description: 'Users, service IDs and API keys.' },
        { name: 'access', description: 'Roles.' },
        { name: 'instances', description: 'Service instances.' },
        { name: 'keystores', description: 'EP11 keystores, with the objects of PKCS #11 in them.' },
        { name: 'accounts', description: 'Accounts; for the operator.' },
        { name: 'session', description: 'The console session.' },
        { name: 'operations', description: 'Health and metrics.' },
      ],
      components: {
        securitySchemes: {
          bearer: { type: 'http', scheme: 'bearer', bearerFormat: 'JWT' },
          session: { type: 'apiKey', in: 'cookie', name: 'keywitness_session' },
        },
      },
      security: [{ bearer: [] }, { session: [] }],
    },
  })
  await app.register(fastifySwaggerUi, {
    routePrefix: '/docs',
    staticCSP: documentationPolicy,
    uiConfig: { tryItOutEnabled: false, validatorUrl: null },
    theme: { title: 'Keywitness API' },
  })
  app.get('/openapi.json', { schema: { hide: true } }, (_request, reply) => reply.send(app.swagger()))
}

/** The page's own files only; it styles its elements inline. */
const documentationPolicy =
  "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; connect-src 'self'; " +
  "frame-ancestors 'none'; base-uri 'none'; form-action 'none'"
