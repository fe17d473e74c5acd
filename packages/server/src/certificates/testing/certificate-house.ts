/** The certificate routes on a listener over the key service's house of tests, and administrators who sign for themselves. */
import type { FastifyInstance } from 'fastify'
import { Registry } from 'prom-client'
import type { Caller } from '../../caller.ts'
import { readRoleGrants } from '../../iam/role-grants.ts'
import { createAccess } from '../../iam/roles.ts'
import { readInstances } from '../../instances/instances.ts'
import { type House, openHouse } from '../../keys/testing/house.ts'
import { houseDoor, houseListener } from '../../keys/testing/house-door.ts'
import { policiesInForce } from '../../policies/in-force.ts'
import { openCertificates, type OpenCertificates } from '../certificates.ts'
import { mint, type Minted, type MintOptions } from './mint.ts'
import { type CommandParts, newNonce, newSigner, proofOf, signCommand, type Signer } from './signer.ts'

type Method = 'GET' | 'POST' | 'PUT' | 'DELETE'

export interface Answered {
  readonly status: number
  readonly body: Record<string, unknown>
  /** Of a refusal. */
  readonly code: string | undefined
  readonly text: string
  readonly headers: Readonly<Record<string, unknown>>
}

export interface Sent {
  readonly method: Method
  /** Path and query. */
  readonly path: string
  readonly body?: string | Buffer
  readonly headers?: Readonly<Record<string, string>>
  readonly caller: Caller
}

/** Somebody with the role, and with a key once it is made. */
export interface Administrator {
  readonly caller: Caller
  signer: Signer
  /** A command ready to be sent; `signed` are parts that are signed otherwise than they are sent. */
  command(method: Method, path: string, body?: object, signed?: Partial<CommandParts>): Sent
  send(method: Method, path: string, body?: object, signed?: Partial<CommandParts>): Promise<Answered>
  createKey(): Promise<Answered>
  /** Replaces the key, and signs with the new one from then on if that succeeded. */
  updateKey(): Promise<Answered>
  deleteKey(): Promise<Answered>
  set(id: string, cert?: string): Promise<Answered>
  remove(id: string): Promise<Answered>
  get(path: string): Promise<Answered>
}

export interface CertificateHouse {
  readonly house: House
  readonly certificates: OpenCertificates
  readonly app: FastifyInstance
  /** Path of an instance's routes; of the house's own unless another is given. */
  path(below: string, guid?: string): string
  send(sent: Sent): Promise<Answered>
  /** With the role, and a key unless told otherwise. */
  administrator(withKey?: boolean): Promise<Administrator>
  /** Value of a metric, by its name without the product's prefix. */
  metric(name: string): Promise<number>
  /** Moves the clock by which commands are counted, as if so many could be sent again. */
  elapse(milliseconds: number): void
  /** Anew on the same store, as after a restart. */
  restart(): void
}

export function openCertificateHouse(): CertificateHouse {
  const house = openHouse()
  const callers = new Map<string, Caller>()
  const callerOf = (id: string): Caller => {
    const caller = callers.get(id)
    if (caller === undefined) throw new Error('nobody is denied here')
    return caller
  }
  const opened = open(house, callerOf)
  const places: CertificateHouse = {
    house,
    get certificates() {
      return opened.certificates
    },
    get app() {
      return opened.app
    },
    path: (below, guid = house.instance.guid) => `/v1/certs/${guid}${below}`,
    async send({ method, path, body, headers, caller }) {
      callers.set(caller.id, caller)
      const response = await opened.app.inject({
        method,
        url: path,
        headers: { 'content-type': 'application/json', authorization: caller.id, ...headers },
        ...(body === undefined ? {} : { payload: body }),
      })
      const json = response.json<Record<string, unknown>>()
      const { statusCode: status, body: text } = response
      return { status, body: json, code: json['code'] as string | undefined, text, headers: response.headers }
    },
    async administrator(withKey = true) {
      const made = administrator(places, house.caller(['CertificateAdministrator']))
      if (withKey) {
        const { status, text } = await made.createKey()
        if (status !== 200) throw new Error(`the key was refused: ${text}`)
      }
      return made
    },
    async metric(name) {
      const text = await opened.registry.getSingleMetricAsString(`keywitness_${name}`)
      return Number(text.trim().split(' ').at(-1)?.replace('Inf', 'Infinity'))
    },
    elapse: (milliseconds) => void (opened.elapsed.ms += milliseconds),
    restart: () => void Object.assign(opened, open(house, callerOf)),
  }
  return places
}

function open(house: House, callerOf: (id: string) => Caller) {
  const elapsed = { ms: 0 }
  const clock = { now: () => house.time, monotonic: () => elapsed.ms }
  const instances = readInstances(house.store)
  const registry = new Registry()
  const access = createAccess(readRoleGrants(house.store))
  const { audit, store: reader } = house
  const certificates = openCertificates({
    reader,
    access,
    instances,
    audit,
    clock,
    random: house.parts.random,
    registry,
    serviceName: 'Keywitness',
    recoveryHours: 24,
  })
  const app = houseListener(house)
  const door = houseDoor(house, ({ headers }) => callerOf(headers.authorization ?? ''))
  const policies = policiesInForce(house.store, house.parts.random)
  certificates.addRoutes(app, { door, instances, policies })
  return { app, certificates, elapsed, registry }
}

function administrator(places: CertificateHouse, caller: Caller): Administrator {
  const { house } = places
  const made: Administrator = {
    caller,
    signer: newSigner(),
    command(method, below, body, signed = {}) {
      const path = below.startsWith('/v1/') ? below : places.path(below)
      const text = body === undefined ? '' : JSON.stringify(body)
      const headers = signCommand(made.signer, { ...place(method, path), body: text, ...signed })
      return { method, path, headers, caller, ...(body === undefined ? {} : { body: text }) }
    },
    send: (...command) => places.send(made.command(...command)),
    createKey: () => made.send('POST', '/adminkey', { publicKey: made.signer.publicKey }),
    async updateKey() {
      const next = newSigner()
      const own = place('PUT', places.path('/adminkey'))
      const answer = await made.send('PUT', '/adminkey', { publicKey: next.publicKey, proof: proofOf(next, own) }, own)
      if (answer.status === 200) made.signer = next
      return answer
    },
    deleteKey: () => made.send('DELETE', '/adminkey'),
    set: (id, certificate = authority().cert) => made.send('PUT', `/certs/${id}`, { certificate }),
    remove: (id) => made.send('DELETE', `/certs/${id}`),
    get: (below) => places.send({ method: 'GET', path: places.path(below), caller }),
  }
  const place = (method: Method, path: string) => ({
    method,
    path,
    instance: house.instance.crn,
    caller: caller.id,
    timestamp: String(house.time),
    nonce: newNonce(),
  })
  return made
}

/** What an administrator uploads: a self-signed certificate of version 1, unless it is to be another. */
export function authority(options: Partial<MintOptions> = {}): Minted {
  return mint({ subject: 'Clients of the house', version: options.extensions === undefined ? 1 : 3, ...options })
}
