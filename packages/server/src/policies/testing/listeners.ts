/** The key, policy and import token routes on a public and a private listener; who calls, and from where, are parameters. */
import type { FastifyInstance } from 'fastify'
import type { Caller } from '../../caller.ts'
import { addKeyRoutes } from '../../http/key-routes.ts'
import type { KmsRoute } from '../../http/witnessed.ts'
import { keyPairs, type MakeKeyPair } from '../../import-token/key-pairs.ts'
import { importTokenRoutes } from '../../import-token/routes.ts'
import { secureImports } from '../../import-token/secure-import.ts'
import { readInstances } from '../../instances/instances.ts'
import type { House } from '../../keys/testing/house.ts'
import { houseDoor, houseListener } from '../../keys/testing/house-door.ts'
import { keyRoutes } from '../../keys/routes.ts'
import { createSealer, type Sealer } from '../../seal.ts'
import { policiesInForce } from '../in-force.ts'
import { readInstancePolicies } from '../instance-policy.ts'
import { policyRoutes } from '../routes.ts'

export interface Asked {
  readonly caller?: Caller
  readonly body?: object | string
  readonly headers?: Readonly<Record<string, string>>
  /** Default: the private network. */
  readonly network?: 'public' | 'private'
  /** Address of the peer. */
  readonly from?: string
}

interface Answered {
  readonly status: number
  /** Undefined when empty. */
  readonly body: string | undefined
  json<T = { readonly resources: readonly Record<string, unknown>[] }>(): T
  /** Code of the first reason, when refused. */
  readonly code: string | undefined
}

export interface Listeners {
  readonly sealer: Sealer
  /** Sends a request as the house's manager, or as another, below `/api/v2`. */
  ask(method: 'GET' | 'HEAD' | 'POST' | 'PUT' | 'PATCH' | 'DELETE', path: string, asked?: Asked): Promise<Answered>
  /** Sets instance policies; fails when that is refused. */
  setInstance(...policies: readonly object[]): Promise<void>
}

export const privatePort = 8081

export function openListeners(
  house: House,
  makeKeyPair: MakeKeyPair = keyPairs(4_096),
  more: readonly KmsRoute[] = [],
): Listeners {
  const sealer = createSealer(new Uint8Array(32).fill(7))
  const common = { ...house.parts, reader: house.store }
  const routes = [
    ...keyRoutes({ ...house.parts, imports: secureImports(house.store, sealer) }),
    ...policyRoutes({ ...common, policies: readInstancePolicies(house.store), privatePort: () => privatePort }),
    ...importTokenRoutes({ ...common, sealer, makeKeyPair }),
    ...more,
  ]
  const { caller: manager } = house.call()
  let caller = manager
  const open = (isPrivate: boolean): FastifyInstance => {
    const app = houseListener(house, isPrivate)
    const door = houseDoor(house, ({ ip }) => ({ ...caller, isPrivate, ...(isPrivate ? {} : { address: ip }) }))
    addKeyRoutes(app, door, readInstances(house.store), routes, policiesInForce(house.store, house.parts.random))
    return app
  }
  const apps = { public: open(false), private: open(true) }
  const listeners: Listeners = {
    sealer,
    async ask(method, path, asked = {}) {
      caller = asked.caller ?? manager
      const { body } = asked
      const response = await apps[asked.network ?? 'private'].inject({
        method,
        url: `/api/v2${path}`,
        remoteAddress: asked.from ?? '127.0.0.1',
        headers: { 'bluemix-instance': house.instance.guid, ...asked.headers },
        ...(body === undefined ? {} : { payload: typeof body === 'string' ? body : JSON.stringify(body) }),
      })
      const text = response.body === '' ? undefined : response.body
      const isRefusal = response.statusCode >= 400 && text !== undefined
      const error = isRefusal ? response.json<{ resources: { reasons?: { code: string }[] }[] }>() : undefined
      return {
        status: response.statusCode,
        body: text,
        json: () => response.json(),
        code: error?.resources[0]?.reasons?.[0]?.code,
      }
    },
    async setInstance(...policies) {
      const answer = await listeners.ask('PUT', '/instance/policies', { body: envelope(...policies) })
      if (answer.status !== 204) throw new Error(`the policies were refused: ${answer.body}`)
    },
  }
  return listeners
}

const mediaType = 'application/vnd.ibm.kms.policy+json'

/** An envelope of policies. */
export function envelope(...resources: readonly object[]): object {
  return { metadata: { collectionType: mediaType, collectionTotal: resources.length }, resources }
}

/** An instance policy. */
export function policy(policy_type: string, enabled: boolean, attributes?: object): object {
  return { policy_type, policy_data: { enabled, ...(attributes === undefined ? {} : { attributes }) } }
}

/** The body of a key creation. */
export function newKey(members: object = {}): object {
  const type = 'application/vnd.ibm.kms.key+json'
  return {
    metadata: { collectionType: type, collectionTotal: 1 },
    resources: [{ type, name: 'billing', extractable: false, ...members }],
  }
}
