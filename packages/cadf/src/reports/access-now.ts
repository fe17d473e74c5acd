/** Who holds which role: who reaches the audit of the location, and, for whoever may see it, every role of the account. */
import {
  flagIn,
  lackWhere,
  listIn,
  type NowFound,
  type NowPart,
  type NowQuestion,
  type NowReader,
  nowTable,
  readAll,
  textIn,
  tracker,
} from './now-part.ts'
import { type Cell, columns, count } from './report.ts'
import { dataOf, memberText, type ReportData } from './report-event.ts'

/** Pages of 200. */
const pages = 25

export const auditAccessNow: NowPart = { id: 'audit-access', read: readHolders }
export const accountRolesNow: NowPart = { id: 'account-roles', read: readRoles }

async function readHolders(ask: NowReader, question: NowQuestion): Promise<NowFound> {
  const { items, at, isCut } = await readAll(ask, `${tracker(question)}/access`, 'access', { pages })
  const canOf = (holder: ReportData): readonly unknown[] => {
    const { can } = holder
    return Array.isArray(can) ? can : []
  }
  const may = (right: string): number => items.filter((holder) => canOf(holder).includes(right)).length
  return {
    asOf: at,
    facts: [
      count('mayRead', may('trail.read')),
      count('mayWatch', may('trail.watch')),
      count('mayAdminister', may('trail.administer')),
      count('mayDeliver', may('trail.deliver')),
      count('mayGrant', items.filter(({ administersAccount }) => administersAccount === true).length),
    ],
    tables: [
      nowTable(
        'auditHolders',
        columns(
          'identity',
          'identityId',
          'identityKind:code',
          'identityState:code',
          'can:codes',
          'grants:code',
          'role',
          'scope:scope',
          'granted:time',
          'grantedBy',
        ),
        at,
        items.flatMap((holder) =>
          listIn(holder['roles']).map((role): Cell[] => [
            memberText(holder, 'identity.name'),
            memberText(holder, 'identity.id'),
            memberText(holder, 'identity.kind'),
            memberText(holder, 'identity.state'),
            memberText(holder, 'can'),
            flagIn(holder['administersAccount']),
            memberText(role, 'role'),
            scopeText(dataOf(role['scope'])),
            textIn(role['grantedAt']),
            memberText(role, 'grantedBy.name') || memberText(role, 'grantedBy.id'),
          ]),
        ),
      ),
    ],
    lacks: lackWhere(isCut, 'access-cut'),
  }
}

async function readRoles(ask: NowReader): Promise<NowFound> {
  const roles = await readAll(ask, '/v1/iam/roles', 'roles', { pages })
  const people = await readAll(ask, '/v1/iam/users', 'users', { pages })
  const programs = await readAll(ask, '/v1/iam/service-ids', 'serviceIds', { pages })
  const identities = new Map([...people.items, ...programs.items].map((each) => [memberText(each, 'id'), each]))
  const without = [...identities].filter(([id]) => !roles.items.some(({ identity }) => identity === id))
  const about = (id: string): Cell[] => {
    const identity = identities.get(id) ?? {}
    return [memberText(identity, 'name'), id, memberText(identity, 'kind'), memberText(identity, 'state')]
  }
  return {
    asOf: roles.at,
    facts: [
      count('identitiesEver', identities.size),
      count('rolesHeld', roles.items.length),
      count('withoutRole', without.length),
    ],
    tables: [
      nowTable(
        'accountRoles',
        columns(
          'identity',
          'identityId',
          'identityKind:code',
          'identityState:code',
          'role',
          'scope:scope',
          'granted:time',
          'grantedBy',
        ),
        roles.at,
        [
          ...roles.items.map((role): Cell[] => {
            const by = memberText(role, 'createdBy')
            const name = memberText(identities.get(by) ?? {}, 'name') || by
            const held = [memberText(role, 'role'), scopeText(dataOf(role['scope'])), textIn(role['createdAt']), name]
            return [...about(memberText(role, 'identity')), ...held]
          }),
          ...without.map(([id]): Cell[] => [...about(id), '', '', undefined, '']),
        ],
      ),
    ],
    lacks: lackWhere(roles.isCut || people.isCut || programs.isCut, 'roles-cut'),
  }
}

/** As events write it: what kind, of which, and what narrows it. */
function scopeText(scope: ReportData): string {
  const parts = ['kind', 'id', 'keyRing'].map((name) => memberText(scope, name))
  const narrow = ['keystore', 'key'].flatMap((name) =>
    textIn(scope[name]) === undefined ? [] : [name, memberText(scope, name)],
  )
  return [...parts, ...narrow].filter((part) => part !== '').join('/')
}
