/** The way by HTTP into the house of tests: a listener, and a door where the test says who calls, instead of a token. */
import type { FastifyInstance, FastifyRequest } from 'fastify'
import pino from 'pino'
import type { Caller } from '../../caller.ts'
import type { Door } from '../../http/door.ts'
import { createListener } from '../../http/listener.ts'
import { readStanding } from '../../http/standing.ts'
import { readAccounts } from '../../iam/accounts.ts'
import type { House } from './house.ts'

export function houseListener(house: House, isPrivate = true): FastifyInstance {
  return createListener({
    isPrivate,
    log: pino({ level: 'trace' }, { write: (line) => void house.logged.push(line) }),
    trustedProxies: [],
  })
}

export function houseDoor(house: House, callerOf: (request: FastifyRequest) => Caller): Door {
  return {
    audit: house.audit,
    authenticator: {
      authenticate: (request) => Promise.resolve(callerOf(request)),
      session: () => undefined,
      isStillGood: () => true,
      denied: () => {
        throw new Error('nobody is denied here')
      },
    },
    accounts: readAccounts(house.store),
    standing: readStanding(house.store),
    cname: 'keywitness',
  }
}
