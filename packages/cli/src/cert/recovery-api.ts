/** Recoveries of one service instance (`/v1/certs/{instance}/recoveries`), as the commands use them. */
import { type ApiClient, memberOf } from '../api-client.ts'
import { CliError } from '../cli-error.ts'
import { type Item, textOf } from '../iam-api.ts'
import type { InstanceOptions } from '../kms-api.ts'
import { advised } from '../refusal-advice.ts'
import type { Surroundings } from '../surroundings.ts'
import { type CertGround, openGround } from './cert-api.ts'

export type Removes = 'admin-key' | 'admin-key-and-certificates'

/** As the server describes it. */
export type Recovery = Item

/** Who has a key or certificates of the instance. */
export interface Holder {
  /** IAM id. */
  readonly id: string
  /** Empty when the identity was deleted. */
  readonly name: string
  /** Empty when there is none. */
  readonly keyId: string
  readonly certificates: number
}

export interface ListedRecoveries {
  /** The newest first. */
  readonly recoveries: readonly Recovery[]
  readonly administrators: readonly Holder[]
  readonly waitingHours: number
}

/** Recoveries asked for at once: as many as the server tells. */
const listedMax = 1_000

/** By the server's code: what its status alone does not tell. */
const advice = {
  UNAUTHORIZED_ERR:
    'it takes the role Administrator on the account; to list and withdraw, CertificateAdministrator on the instance will do',
  SECOND_PERSON_REQUIRED: 'another administrator of the account must approve it',
  CERT_NOTHING_TO_RECOVER: 'keywitness cert recover list tells who has a key and certificates',
  ALREADY_EXISTS: 'keywitness cert recover list shows it',
  PROPOSAL_CLOSED: 'keywitness cert recover list tells how it ended',
  PROPOSAL_OUTDATED: 'its administrator has replaced or deleted the key: ask them, then withdraw it',
}

export class RecoveryApi {
  readonly ground: CertGround
  readonly #client: ApiClient
  readonly #base: string

  constructor(client: ApiClient, ground: CertGround) {
    this.#client = client
    this.ground = ground
    this.#base = `/v1/certs/${encodeURIComponent(ground.guid)}/recoveries`
  }

  async list(limit = listedMax): Promise<ListedRecoveries> {
    const answer = await advised(advice, this.#client.json(this.#base, { query: { limit } }))
    const [recoveries, administrators] = ['recoveries', 'administrators'].map((name) => memberOf(answer, name))
    const waitingHours = memberOf(answer, 'waitingHours')
    if (!Array.isArray(recoveries) || !Array.isArray(administrators) || typeof waitingHours !== 'number') {
      throw unknownForm()
    }
    return { recoveries: recoveries.map(itemOf), administrators: administrators.map(holderOf), waitingHours }
  }

  async propose(administrator: string, removes: Removes): Promise<Recovery> {
    return itemOf(
      await advised(advice, this.#client.json(this.#base, { method: 'POST', json: { administrator, removes } })),
    )
  }

  async end(id: string, how: 'approve' | 'withdraw'): Promise<Recovery> {
    const path = `${this.#base}/${encodeURIComponent(id)}/${how}`
    return itemOf(await advised(advice, this.#client.json(path, { method: 'POST', json: {} })))
  }
}

export async function openRecoveries(io: Surroundings, options: InstanceOptions): Promise<RecoveryApi> {
  const { client, ground } = await openGround(io, options)
  return new RecoveryApi(client, ground)
}

/** `Ana (KWid-…)`, or the id alone of somebody who is gone. */
export function personText({ id, name }: Pick<Holder, 'id' | 'name'>): string {
  return name === '' ? id : `${name} (${id})`
}

/** A member of a recovery that names somebody. */
export function personOf(recovery: Recovery, name: string): Pick<Holder, 'id' | 'name'> {
  const person = itemOf(recovery[name] ?? {})
  return { id: textOf(person, 'id'), name: textOf(person, 'name') }
}

function holderOf(value: unknown): Holder {
  const item = itemOf(value)
  const certificates = item['certificates']
  if (typeof certificates !== 'number') throw unknownForm()
  return { ...personOf(item, 'administrator'), keyId: textOf(item, 'keyId'), certificates }
}

function itemOf(value: unknown): Item {
  if (typeof value !== 'object' || value === null) throw unknownForm()
  return value as Item
}

function unknownForm(): CliError {
  return new CliError('BAD_ANSWER', 'the server told of recoveries in another form than this command knows')
}
