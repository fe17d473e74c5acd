/** The house's key routes on a real listener; who calls is a parameter instead of a token. */
import type { FastifyInstance } from 'fastify'
import type { Caller } from '../../caller.ts'
import { addKeyRoutes } from '../../http/key-routes.ts'
import { readInstances } from '../../instances/instances.ts'
import { policiesInForce } from '../../policies/in-force.ts'
import { keyRoutes } from '../routes.ts'
import type { House } from './house.ts'
import { houseDoor, houseListener } from './house-door.ts'

interface Answered {
  readonly status: number
  readonly headers: Readonly<Record<string, unknown>>
  /** Undefined when empty. */
  readonly body: string | undefined
  /** The body, parsed. */
  json(): { readonly resources: readonly Record<string, unknown>[]; readonly [member: string]: unknown }
}

interface Asked {
  readonly caller?: Caller
  readonly headers?: Readonly<Record<string, string>>
  /** Sent as it is; an object as JSON. */
  readonly body?: object | string
}

export interface Listening {
  readonly app: FastifyInstance
  /** Sends a request as the house's manager, or as another, below `/api/v2`. */
  ask(method: 'GET' | 'HEAD' | 'POST' | 'PUT' | 'PATCH' | 'DELETE', path: string, asked?: Asked): Promise<Answered>
}

export function openListener(house: House): Listening {
  const { caller: manager } = house.call()
  let caller = manager
  const app = houseListener(house)
  const door = houseDoor(house, () => caller)
  const policies = policiesInForce(house.store, house.parts.random)
  addKeyRoutes(app, door, readInstances(house.store), keyRoutes(house.parts), policies)
  return {
    app,
    async ask(method, path, asked = {}) {
      caller = asked.caller ?? manager
      const response = await app.inject({
        method,
        url: `/api/v2${path}`,
        headers: { 'bluemix-instance': house.instance.guid, ...asked.headers },
        ...(asked.body === undefined
          ? {}
          : { payload: typeof asked.body === 'string' ? asked.body : JSON.stringify(asked.body) }),
      })
      return {
        status: response.statusCode,
        headers: response.headers,
        body: response.body === '' ? undefined : response.body,
        json: () => response.json(),
      }
    },
  }
}
