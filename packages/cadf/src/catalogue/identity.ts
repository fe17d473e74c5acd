/** Events of identities, their credentials and sign-ins. Ours. */
import type { EntrySpec, ExplanationSpec, FamilySpec, FieldSpec } from './entry.ts'

const totalResources = {
  name: 'totalResources',
  type: 'integer',
  meaning: 'The number of entries in the answer.',
  source: 'extension',
} as const satisfies FieldSpec

const ours = {
  severitySource: 'assigned',
  dataEvent: false,
  explanations: [],
  source: 'extension',
} as const satisfies Partial<EntrySpec>

const apiKey = { ...ours, object: 'apikey', typeURI: 'iam-identity/apikey' } as const
const serviceId = { ...ours, object: 'serviceid', typeURI: 'iam-identity/serviceid' } as const
const user = { ...ours, object: 'user', typeURI: 'iam-identity/user' } as const
const session = { ...ours, object: 'session', typeURI: 'iam-identity/session' } as const

const stateChange = [
  {
    name: 'initialValue.state',
    type: 'enum',
    values: ['active', 'disabled'],
    meaning: 'The previous state.',
    source: 'extension',
  },
  {
    name: 'newValue.state',
    type: 'enum',
    values: ['active', 'disabled'],
    meaning: 'The state now.',
    source: 'extension',
  },
] as const satisfies readonly FieldSpec[]

/** Who an API key belongs to. */
const owner = {
  name: 'identityId',
  type: 'identifier',
  meaning: 'The identity the API key belongs to.',
  source: 'extension',
} as const satisfies FieldSpec

const apiKeyId = {
  name: 'apikeyId',
  type: 'identifier',
  meaning: 'The identifier of the API key, never the key.',
  when: 'the key is known',
  source: 'extension',
} as const satisfies FieldSpec

const wrongCredential = {
  when: { outcome: 'failure', codes: [400, 401, 403] },
  meaning: 'What was presented is not valid: an unknown, disabled or deleted API key, or a sign-in link already used.',
  remedy:
    'If the caller is known, check its API key. If not, and there are many of these, somebody is guessing: look at the address.',
  call: 'GET /v1/iam/api-keys',
  source: 'extension',
} as const satisfies ExplanationSpec

export const identity = {
  'iam-identity.apikey.login': {
    ...apiKey,
    title: 'Get a token with an API key.',
    verb: 'login',
    severity: 'normal',
    failureSeverity: 'critical',
    phrase: { did: 'got', to: 'get', what: 'a token[ with API key {name}]' },
    request: [
      apiKeyId,
      {
        name: 'grantType',
        type: 'enum',
        values: ['apikey', 'refresh_token', 'other'],
        meaning: 'The grant that was asked for.',
        source: 'extension',
      },
    ],
    response: [{ name: 'expiresIn', type: 'integer', meaning: 'Seconds the token lasts.', source: 'extension' }],
    explanations: [wrongCredential],
  },
  'iam-identity.authentication.flood': {
    ...ours,
    object: 'authentication',
    typeURI: 'iam-identity/authentication',
    title: 'Failed authentications of one source, counted instead of told one by one.',
    verb: 'flood',
    severity: 'critical',
    phrase: {
      did: 'failed',
      to: 'fail',
      failed: 'failed',
      what: 'to authenticate[ over {request.protocol}][ {request.count} more times][ within {request.windowSeconds} seconds][, each time with certificate {request.certificateFingerprint}]',
    },
    request: [
      { name: 'count', type: 'integer', meaning: 'Failed authentications not told one by one.', source: 'extension' },
      { name: 'windowSeconds', type: 'integer', meaning: 'Time in which they happened.', source: 'extension' },
      {
        name: 'protocol',
        type: 'enum',
        values: ['HTTP', 'KMIP', 'EP11'],
        meaning: 'What was spoken each time.',
        when: 'it was one protocol',
        source: 'extension',
      },
      {
        name: 'certificateFingerprint',
        type: 'sha256',
        meaning: 'The client certificate that was shown each time: SHA-256 of its DER form.',
        when: 'KMIP, and it was one certificate',
        source: 'extension',
      },
    ],
    response: [],
    explanations: [
      {
        when: {},
        meaning: 'One source failed to authenticate more often than is told one by one.',
        remedy:
          'Look at the source, or at the certificate: the first twenty failures of it in that minute are events of their own. If it is an honest client, its credential is wrong; if not, block it.',
        source: 'extension',
      },
    ],
  },
  'iam-identity.apikey.create': {
    ...apiKey,
    title: 'Create an API key.',
    verb: 'create',
    severity: 'warning',
    phrase: { did: 'created', to: 'create', what: '[API key {name}|an API key][ of {request.identityId}]' },
    request: [owner],
    response: [apiKeyId],
  },
  'iam-identity.apikey.list': {
    ...apiKey,
    title: 'List API keys.',
    verb: 'list',
    severity: 'normal',
    phrase: { did: 'listed', to: 'list', what: 'API keys[ ({response.totalResources} found)]' },
    request: [owner],
    response: [totalResources],
  },
  'iam-identity.apikey.read': {
    ...apiKey,
    title: 'Read an API key, without the key.',
    verb: 'read',
    severity: 'normal',
    phrase: { did: 'read', to: 'read', what: '[API key {name}|an API key]' },
    request: [],
    response: [owner],
  },
  'iam-identity.apikey.update': {
    ...apiKey,
    title: 'Disable or enable an API key.',
    verb: 'update',
    severity: 'warning',
    phrase: { did: 'changed', to: 'change', what: '[API key {name}|an API key][ to {request.newValue.state}]' },
    request: stateChange,
    response: [owner],
  },
  'iam-identity.apikey.delete': {
    ...apiKey,
    title: 'Delete an API key.',
    verb: 'delete',
    severity: 'warning',
    phrase: { did: 'deleted', to: 'delete', what: '[API key {name}|an API key]' },
    request: [],
    response: [owner],
  },
  'iam-identity.serviceid.create': {
    ...serviceId,
    title: 'Create a service ID.',
    verb: 'create',
    severity: 'warning',
    phrase: { did: 'created', to: 'create', what: '[service ID {name}|a service ID]' },
    request: [],
    response: [],
  },
  'iam-identity.serviceid.list': {
    ...serviceId,
    title: 'List service IDs.',
    verb: 'list',
    severity: 'normal',
    phrase: { did: 'listed', to: 'list', what: 'service IDs[ ({response.totalResources} found)]' },
    request: [],
    response: [totalResources],
  },
  'iam-identity.serviceid.read': {
    ...serviceId,
    title: 'Read a service ID.',
    verb: 'read',
    severity: 'normal',
    phrase: { did: 'read', to: 'read', what: '[service ID {name}|a service ID]' },
    request: [],
    response: [],
  },
  'iam-identity.serviceid.update': {
    ...serviceId,
    title: 'Disable or enable a service ID.',
    verb: 'update',
    severity: 'warning',
    phrase: { did: 'changed', to: 'change', what: '[service ID {name}|a service ID][ to {request.newValue.state}]' },
    request: stateChange,
    response: [],
  },
  'iam-identity.serviceid.delete': {
    ...serviceId,
    title: 'Delete a service ID.',
    verb: 'delete',
    severity: 'warning',
    phrase: { did: 'deleted', to: 'delete', what: '[service ID {name}|a service ID]' },
    request: [],
    response: [],
  },
  'iam-identity.account.create': {
    ...user,
    object: 'account',
    typeURI: 'iam-identity/account',
    title: 'Found an account, with its owner and the owner’s first API key.',
    verb: 'create',
    severity: 'critical',
    phrase: { did: 'founded', to: 'found', what: '[account {name}|an account][ owned by {request.identityId}]' },
    request: [
      { name: 'identityId', type: 'identifier', meaning: 'The owner, a new user of the account.', source: 'extension' },
    ],
    response: [],
  },
  'iam-identity.user.create': {
    ...user,
    title: 'Create a user.',
    verb: 'create',
    severity: 'warning',
    phrase: { did: 'created', to: 'create', what: '[user {name}|a user]' },
    request: [],
    response: [],
  },
  'iam-identity.user.list': {
    ...user,
    title: 'List users.',
    verb: 'list',
    severity: 'normal',
    phrase: { did: 'listed', to: 'list', what: 'users[ ({response.totalResources} found)]' },
    request: [],
    response: [totalResources],
  },
  'iam-identity.user.read': {
    ...user,
    title: 'Read a user.',
    verb: 'read',
    severity: 'normal',
    phrase: { did: 'read', to: 'read', what: '[user {name}|a user]' },
    request: [],
    response: [],
  },
  'iam-identity.user.update': {
    ...user,
    title: 'Disable or enable a user.',
    verb: 'update',
    severity: 'warning',
    phrase: { did: 'changed', to: 'change', what: '[user {name}|a user][ to {request.newValue.state}]' },
    request: stateChange,
    response: [],
  },
  'iam-identity.user.delete': {
    ...user,
    title: 'Delete a user.',
    verb: 'delete',
    severity: 'warning',
    phrase: { did: 'deleted', to: 'delete', what: '[user {name}|a user]' },
    request: [],
    response: [],
  },
  'iam-identity.session.create': {
    ...session,
    title: 'Sign in to the console.',
    verb: 'create',
    severity: 'normal',
    failureSeverity: 'critical',
    phrase: { did: 'signed in', to: 'sign in', what: 'to the console[ ({request.method})]' },
    request: [
      {
        name: 'method',
        type: 'enum',
        values: ['link', 'apikey'],
        meaning: 'What was presented: a one-time link or an API key.',
        source: 'extension',
      },
    ],
    response: [{ name: 'expirationDate', type: 'date', meaning: 'When the session ends.', source: 'extension' }],
    explanations: [wrongCredential],
  },
  'iam-identity.sign-in-link.create': {
    ...session,
    object: 'sign-in-link',
    typeURI: 'iam-identity/sign-in-link',
    title: 'Make a one-time link that signs in to the console.',
    verb: 'create',
    severity: 'warning',
    phrase: { did: 'made', to: 'make', what: 'a one-time sign-in link[ for {name}]' },
    request: [],
    response: [{ name: 'expirationDate', type: 'date', meaning: 'Until when it can be used.', source: 'extension' }],
  },
  'iam-identity.session.delete': {
    ...session,
    title: 'Sign out of the console.',
    verb: 'delete',
    severity: 'normal',
    phrase: { did: 'signed out', to: 'sign out', what: 'of the console' },
    request: [],
    response: [],
  },
} as const satisfies FamilySpec
