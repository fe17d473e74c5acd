/** Events of the certificate manager: administrator keys and client certificates of the second layer of TLS. */
import { byRecovery, whenRecovered } from './certificate-recovery-fields.ts'
import type { EntrySpec, FamilySpec, FieldSpec } from './entry.ts'

const accountId = {
  name: 'accountId',
  type: 'identifier',
  meaning: 'The current user ID.',
  source: 'seed',
} as const satisfies FieldSpec

const certificateId = {
  name: 'certificateId',
  type: 'identifier',
  meaning: 'The target certificate.',
  source: 'seed',
} as const satisfies FieldSpec

const action = {
  name: 'action',
  type: 'name',
  max: 128,
  meaning: 'What was done.',
  source: 'seed',
} as const satisfies FieldSpec

export const keyId = {
  name: 'keyId',
  type: 'sha256',
  meaning: 'The SHA-256 hash of the public key of the administrator.',
  source: 'extension',
} as const satisfies FieldSpec

const fingerprint = {
  name: 'fingerprint',
  type: 'sha256',
  meaning: 'The SHA-256 hash of the certificate.',
  source: 'extension',
} as const satisfies FieldSpec

const subject = {
  name: 'subject',
  type: 'name',
  max: 256,
  meaning: 'Whose authority it is: the subject of the certificate, in one line.',
  when: 'the certificate names one',
  source: 'extension',
} as const satisfies FieldSpec

const notAfter = {
  name: 'notAfter',
  type: 'date',
  meaning: 'When the certificate ends.',
  source: 'extension',
} as const satisfies FieldSpec

/**
 * Evidence that the administrator signed the command: with the method and path of the request, the instance and the caller
 * it makes the text that was signed (certificate-command.ts). Of a refused command: what it said, true or not.
 */
const command = [
  {
    name: 'timestamp',
    type: 'date',
    meaning: 'The time in the signed command, to the millisecond.',
    source: 'extension',
  },
  {
    name: 'commandNonce',
    type: 'identifier',
    meaning: 'The random value in the signed command: no two commands of a key share one.',
    source: 'extension',
  },
  {
    name: 'contentHash',
    type: 'sha256',
    meaning: 'The SHA-256 of the body of the signed command, as it was sent.',
    source: 'extension',
  },
  {
    name: 'signature',
    type: 'p521-signature',
    meaning: "The administrator's signature of the command.",
    source: 'extension',
  },
] as const satisfies readonly FieldSpec[]

/** Of a command that was refused for it. */
const keyOwner = {
  name: 'keyOwner',
  type: 'identifier',
  meaning: 'The other administrator of the instance whose key the command names, by IAM id.',
  when: 'the key is in force, and not the one of the caller',
  source: 'extension',
} as const satisfies FieldSpec

const publicKey = {
  name: 'publicKey',
  type: 'p521-public-key',
  meaning: 'The new public key: by it later commands can be verified.',
  source: 'extension',
} as const satisfies FieldSpec

const mtlsBefore = {
  name: 'initialValue.mtlsEnabled',
  type: 'boolean',
  meaning: 'Whether clients of the instance needed a certificate before.',
  source: 'extension',
} as const satisfies FieldSpec

const mtlsAfter = {
  name: 'newValue.mtlsEnabled',
  type: 'boolean',
  meaning: 'Whether clients of the instance need a certificate now.',
  source: 'extension',
} as const satisfies FieldSpec

const generation = {
  name: 'generation',
  type: 'integer',
  meaning: "Number of the state of the instance's certificates.",
  source: 'extension',
} as const satisfies FieldSpec

export const enforcement = [mtlsBefore, mtlsAfter, generation] as const satisfies readonly FieldSpec[]

const authority = '[authority {request.certificateId}|an authority] for client certificates'

const switchedOn =
  '{response.initialValue.mtlsEnabled=off}{response.newValue.mtlsEnabled=on}clients need a certificate from now on'

export const switchedOff =
  '{response.initialValue.mtlsEnabled=on}{response.newValue.mtlsEnabled=off}clients need no certificate any more'

const adminKey = {
  object: 'mtlscert-admin-key',
  typeURI: 'hs-crypto/mtlscert-admin-key',
  severitySource: 'documented',
  dataEvent: false,
  explanations: [],
  source: 'seed',
} as const satisfies Partial<EntrySpec>

const cert = {
  object: 'mtlscert-cert',
  typeURI: 'hs-crypto/mtlscert-cert',
  dataEvent: false,
  explanations: [],
  source: 'seed',
} as const satisfies Partial<EntrySpec>

/** What comes with time, told by the service itself. */
const ending = {
  ...cert,
  severitySource: 'assigned',
  source: 'extension',
  request: [
    { ...certificateId, source: 'extension' },
    {
      name: 'administrator',
      type: 'identifier',
      meaning: 'Who set the certificate, and can replace it.',
      source: 'extension',
    },
    fingerprint,
    subject,
    notAfter,
  ],
  response: [
    {
      name: 'remainingCertificates',
      type: 'integer',
      meaning: 'Other certificates of the instance that clients can still be known by when this one has ended.',
      source: 'extension',
    },
  ],
} as const satisfies Partial<EntrySpec>

const whoIsCutOff =
  'Clients that only this certificate has issued are refused from its end on. Other accepted certificates of the instance are not concerned; with none remaining, no client of EP11 gets in.'

export const certificate = {
  'hs-crypto.mtlscert-admin-key.create': {
    ...adminKey,
    title:
      'Create the administrator signature key for the certificate administrator to connect to the certificate manager server.',
    verb: 'create',
    severity: 'critical',
    phrase: { did: 'created', to: 'create', what: 'the signature key of the certificate administrator' },
    request: [accountId, keyId, publicKey, ...command],
    response: [action],
  },
  'hs-crypto.mtlscert-admin-key.update': {
    ...adminKey,
    title: 'Refresh and update the administrator signature key for the certificate administrator.',
    verb: 'update',
    severity: 'critical',
    phrase: { did: 'replaced', to: 'replace', what: 'the signature key of the certificate administrator' },
    request: [
      accountId,
      {
        name: 'initialValue.keyId',
        type: 'sha256',
        meaning: 'The SHA-256 hash of the previous public key.',
        source: 'extension',
      },
      {
        name: 'newValue.keyId',
        type: 'sha256',
        meaning: 'The SHA-256 hash of the new public key.',
        source: 'extension',
      },
      keyOwner,
      publicKey,
      {
        name: 'proof',
        type: 'p521-signature',
        meaning: 'The signature by the new key: whoever named it, has it.',
        source: 'extension',
      },
      ...command,
    ],
    response: [action],
  },
  'hs-crypto.mtlscert-admin-key.read': {
    ...adminKey,
    title: 'Get the administrator signature key of the certificate administrator.',
    verb: 'read',
    severity: 'normal',
    phrase: { did: 'read', to: 'read', what: 'the signature key of the certificate administrator' },
    request: [accountId],
    response: [action, keyId],
  },
  'hs-crypto.mtlscert-admin-key.delete': {
    ...adminKey,
    title: 'Delete the administrator signature key of the certificate administrator.',
    verb: 'delete',
    severity: 'critical',
    phrase: {
      did: 'deleted',
      to: 'delete',
      what: 'the signature key of [certificate administrator {request.administrator} in a recovery|the certificate administrator]',
    },
    request: [
      { ...accountId, here: 'Of a key that a recovery deletes: the administrator whose key it was.' },
      keyId,
      keyOwner,
      ...command,
      ...byRecovery,
    ],
    response: [
      action,
      {
        name: 'orphanedCerts',
        type: 'integer',
        meaning: 'Certificates that stay in force without an administrator.',
        source: 'extension',
      },
      { ...mtlsBefore, when: whenRecovered },
      { ...mtlsAfter, when: whenRecovered },
      { ...generation, when: whenRecovered },
    ],
  },
  'hs-crypto.mtlscert-cert.set': {
    ...cert,
    title: 'Create or update certificates by the certificate administrator.',
    verb: 'set',
    severity: 'critical',
    severitySource: 'documented',
    phrase: { did: 'set', to: 'set', what: authority, details: [switchedOn] },
    request: [certificateId, fingerprint, subject, notAfter, keyId, keyOwner, ...command],
    response: [action, ...enforcement],
  },
  'hs-crypto.mtlscert-cert.list': {
    ...cert,
    title: 'List all certificates that are managed by the certificate administrator.',
    verb: 'list',
    severity: 'normal',
    severitySource: 'documented',
    phrase: {
      did: 'listed',
      to: 'list',
      what: 'the authorities for client certificates[{request.administrators=all} of all administrators][ ({response.totalResources} found)]',
    },
    request: [
      {
        name: 'administrators',
        type: 'enum',
        values: ['all'],
        meaning: 'Whose certificates were asked for, where not those of the caller alone.',
        when: 'those of all administrators of the instance were asked for',
        source: 'extension',
      },
    ],
    response: [
      action,
      {
        name: 'totalResources',
        type: 'integer',
        meaning: 'The number of certificates in the response.',
        source: 'extension',
      },
    ],
  },
  'hs-crypto.mtlscert-cert.read': {
    ...cert,
    title: 'Get certificates by the certificate administrator.',
    verb: 'read',
    severity: 'normal',
    severitySource: 'documented',
    phrase: { did: 'read', to: 'read', what: authority },
    request: [certificateId],
    response: [action, fingerprint],
  },
  'hs-crypto.mtlscert-cert.delete': {
    ...cert,
    title: 'Delete certificates by the certificate administrator.',
    verb: 'delete',
    severity: 'critical',
    severitySource: 'assigned',
    phrase: {
      did: 'deleted',
      to: 'delete',
      what: `[{response.newValue.mtlsEnabled=off}the last ]${authority}[ of {request.administrator} in a recovery]`,
      details: [switchedOff],
    },
    request: [certificateId, fingerprint, subject, keyId, keyOwner, ...command, ...byRecovery],
    response: [action, ...enforcement],
  },
  'hs-crypto.mtlscert-cert.expiring': {
    ...ending,
    title: 'A certificate that clients are issued by ends soon: told 30 days, 7 days and 1 day before.',
    verb: 'warn',
    severity: 'warning',
    phrase: {
      did: 'noted',
      to: 'note',
      what: `that ${authority} ends[ on {request.notAfter}]`,
      details: ['{response.remainingCertificates} others remain'],
    },
    explanations: [
      {
        when: { outcome: 'success' },
        meaning: whoIsCutOff,
        remedy:
          'Have its administrator set the next certificate under another id, give the clients certificates that it has issued, and delete the old one when none is in use any more.',
        call: 'keywitness cert status',
        source: 'extension',
      },
    ],
  },
  'hs-crypto.mtlscert-cert.expired': {
    ...ending,
    title: 'A certificate that clients are issued by has ended.',
    verb: 'expire',
    severity: 'critical',
    phrase: {
      did: 'noted',
      to: 'note',
      what: `that ${authority} has ended`,
      details: ['{response.remainingCertificates} others remain'],
    },
    explanations: [
      {
        when: { outcome: 'success', equal: { remainingCertificates: 0 } },
        meaning:
          'The last certificate that clients could be known by has ended. Clients still need one, so that none of them gets in: what has ended does not turn the protection off.',
        remedy:
          'Have any certificate administrator of the instance set a certificate that is valid; that needs no client certificate. Calls that were refused meanwhile are in the trail.',
        call: 'keywitness cert status',
        source: 'extension',
      },
      {
        when: { outcome: 'success' },
        meaning: whoIsCutOff,
        remedy:
          'Look for clients that are refused since then. They need certificates issued by one that is accepted; the one that has ended can be deleted.',
        call: 'keywitness cert status',
        source: 'extension',
      },
    ],
  },
} as const satisfies FamilySpec
