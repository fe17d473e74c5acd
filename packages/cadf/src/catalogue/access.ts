/** Events of roles: who may do what. Ours. */
import type { EntrySpec, FamilySpec, FieldSpec } from './entry.ts'

const role = {
  name: 'role',
  type: 'identifier',
  meaning: 'The role.',
  source: 'extension',
} as const satisfies FieldSpec

const grantee = {
  name: 'identityId',
  type: 'identifier',
  meaning: 'The identity that has the role.',
  source: 'extension',
} as const satisfies FieldSpec

const scope = {
  name: 'scope',
  type: 'identifier',
  meaning: 'Where the role holds: account, instance/<guid>, instance/<guid>/<key ring> or tracker/<location>.',
  source: 'extension',
} as const satisfies FieldSpec

const ours = {
  object: 'role',
  typeURI: 'iam-access/role',
  severitySource: 'assigned',
  dataEvent: false,
  explanations: [],
  source: 'extension',
} as const satisfies Partial<EntrySpec>

export const access = {
  'iam-access.role.grant': {
    ...ours,
    title: 'Grant a role.',
    verb: 'grant',
    severity: 'critical',
    phrase: {
      did: 'granted',
      to: 'grant',
      what: '[role {request.role}|a role][ to {name}][ for {request.scope}]',
    },
    request: [role, grantee, scope],
    response: [],
  },
  'iam-access.role.revoke': {
    ...ours,
    title: 'Revoke a role.',
    verb: 'revoke',
    severity: 'critical',
    phrase: {
      did: 'revoked',
      to: 'revoke',
      what: '[role {request.role}|a role][ of {name}][ for {request.scope}]',
    },
    request: [role, grantee, scope],
    response: [],
  },
  'iam-access.role.list': {
    ...ours,
    title: 'List roles.',
    verb: 'list',
    severity: 'normal',
    phrase: { did: 'listed', to: 'list', what: 'roles[ of {request.identityId}][ ({response.totalResources} found)]' },
    request: [grantee, scope],
    response: [
      {
        name: 'totalResources',
        type: 'integer',
        meaning: 'The number of roles in the answer.',
        source: 'extension',
      },
    ],
  },
} as const satisfies FamilySpec
