/** People who administer the account of the certificate house, and time that goes by for its recoveries. */
import pino from 'pino'
import type { Caller } from '../../../caller.ts'
import { insertIdentity } from '../../../iam/identities.ts'
import { insertRoleGrant } from '../../../iam/role-grants.ts'
import type { Change } from '../../../store/store.ts'
import { createTimers } from '../../../timers/timers.ts'
import type { Answered, CertificateHouse } from '../../testing/certificate-house.ts'

export const hour = 3_600_000
export const day = 24 * hour

export interface Owner {
  readonly caller: Caller
  propose(administrator: string, removes?: string): Promise<Answered>
  approve(id: unknown): Promise<Answered>
  withdraw(id: unknown): Promise<Answered>
  list(query?: string): Promise<Answered>
}

/** A user with the role on the account, or a service ID. */
export function owner(places: CertificateHouse, name: string, kind: Caller['kind'] & ('user' | 'serviceId') = 'user') {
  const { house } = places
  const { account } = house.instance
  const id = `${kind === 'user' ? 'KWid' : 'iam-ServiceId'}-${name}`
  const made = { createdAt: 0, createdBy: 'nobody' }
  run(places, insertIdentity({ id, account, kind, name, email: null, description: null, state: 'active', ...made }))
  const scope = { scope: 'account', scopeId: '', keyRing: '', resourceType: '', resource: '' } as const
  run(places, insertRoleGrant({ id: `role-${id}`, account, identity: id, role: 'Administrator', ...scope, ...made }))
  return member(places, { id, name, kind, account, credential: 'token', isPrivate: true })
}

/** What anybody may try. */
export function member(places: CertificateHouse, caller: Caller): Owner {
  const send = (method: 'GET' | 'POST', below: string, body?: object): Promise<Answered> =>
    places.send({
      method,
      path: places.path(`/recoveries${below}`),
      caller,
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    })
  return {
    caller,
    propose: (administrator, removes = 'admin-key') => send('POST', '', { administrator, removes }),
    approve: (id) => send('POST', `/${String(id)}/approve`),
    withdraw: (id) => send('POST', `/${String(id)}/withdraw`),
    list: (query = '') => send('GET', query),
  }
}

export function run({ house }: CertificateHouse, { sql, params }: Pick<Change, 'sql' | 'params'>): void {
  house.store.run(sql, params)
}

/** Time goes by, then a server starts and does what is due, as the real timers do it. Resolves with what it recorded. */
export async function pass(places: CertificateHouse, milliseconds: number) {
  const { house, certificates } = places
  house.time += milliseconds
  const before = house.events().length
  const log = pino({ level: 'trace' }, { write: (line) => void house.logged.push(line) })
  const timers = createTimers({ clock: { now: () => house.time, monotonic: () => 0 }, log })
  for (const job of certificates.jobs) timers.add(job)
  timers.start()
  await timers.stop()
  return house.events().slice(before)
}

/** What somebody does who is quicker: after the next call was decided, before its commit. */
export function overtake({ house: { audit } }: CertificateHouse, act: () => Promise<unknown>): void {
  const { witness, witnessAll } = audit
  let isFirst = true
  const once = async (): Promise<void> => {
    if (!isFirst) return
    isFirst = false
    Object.assign(audit, { witness, witnessAll })
    await act()
  }
  audit.witness = (action, circumstances, target, operation) =>
    witness(action, circumstances, target, async (seen) => {
      const done = await operation(seen)
      await once()
      return done
    })
  audit.witnessAll = (circumstances, decide, decisions) =>
    witnessAll(
      circumstances,
      async () => {
        const done = await decide()
        await once()
        return done
      },
      decisions,
    )
}
