/** `/healthz` and `/readyz`: whether the process lives, and whether it can serve, with the reasons when it cannot. */
import type { FastifyInstance } from 'fastify'
import { Type } from 'typebox'

/** Why the server cannot serve now; empty when it can. Texts for operators, without ids. */
export type Readiness = () => readonly string[]

const Ready = Type.Object({ ready: Type.Boolean(), reasons: Type.Array(Type.String()) })

export function addHealthRoutes(app: FastifyInstance, reasons: Readiness): void {
  app.route({
    method: ['GET', 'HEAD'],
    url: '/healthz',
    schema: { tags: ['operations'], summary: 'Whether the process lives', security: [] },
    handler: (_request, reply) => reply.type('text/plain').send('ok\n'),
  })
  app.route({
    method: ['GET', 'HEAD'],
    url: '/readyz',
    schema: {
      tags: ['operations'],
      summary: 'Whether the server can serve',
      security: [],
      response: { 200: Ready, 503: Ready },
    },
    handler: (_request, reply) => {
      const found = reasons()
      return reply.code(found.length === 0 ? 200 : 503).send({ ready: found.length === 0, reasons: found })
    },
  })
}
