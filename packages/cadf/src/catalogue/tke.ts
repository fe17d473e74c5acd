/** Events of Trusted Key Entry. All are critical, whatever their outcome; none has a correlation id. */
import type { EntrySpec, ExplanationSpec, FamilySpec, FieldSpec } from './entry.ts'
import { unitLocation } from './fields.ts'

/** Seed: "Unable to perform Trusted Key Entry actions". */
const failures = [
  {
    when: { outcome: 'failure', codes: [400] },
    meaning: 'The operation to the crypto units is not supported or is not valid.',
    remedy: 'Check against the command reference whether the TKE command is valid.',
    source: 'seed',
  },
  {
    when: { outcome: 'failure', codes: [401, 403] },
    meaning: 'The access token is not valid or does not have the necessary permissions to access this instance.',
    remedy: 'Refresh the access token and check whether its owner has the permissions to perform the action.',
    call: 'GET /v1/iam/roles',
    source: 'seed',
  },
  {
    when: { outcome: 'failure', codes: [500] },
    meaning: 'The crypto unit did not carry out the command.',
    remedy: 'Read reason.reasonForFailure: it names why the unit refused, for example too few signatures.',
    source: 'seed',
  },
] as const satisfies readonly ExplanationSpec[]

/** Who authorised a command, not only who sent it. */
const signerIds = {
  name: 'signerIds',
  type: 'sha256[]',
  meaning: 'The SHA-256 hashes of the keys of the administrators who signed the command.',
  source: 'extension',
} as const satisfies FieldSpec

const adminIds = {
  name: 'adminIds',
  type: 'sha256[]',
  meaning:
    'The SHA-256 hashes of the signature key files associated with all the administrators that are added to the crypto unit.',
  source: 'seed',
} as const satisfies FieldSpec

const unit = {
  severity: 'critical',
  severitySource: 'documented',
  dataEvent: false,
  explanations: failures,
  source: 'seed',
} as const satisfies Partial<EntrySpec>

export const tke = {
  'hs-crypto.tke-cryptounit-admin.add': {
    ...unit,
    title: 'Add a crypto unit administrator to the selected crypto units.',
    verb: 'add',
    object: 'tke-cryptounit-admin',
    typeURI: 'hs-crypto/tke-cryptounit/admin',
    phrase: { did: 'added', to: 'add', what: 'an administrator to [crypto unit {name}|a crypto unit]' },
    request: [
      unitLocation,
      {
        name: 'adminId',
        type: 'sha256',
        meaning: 'The SHA-256 hash of the signature key file that is associated with the administrator to be added.',
        source: 'seed',
      },
      signerIds,
    ],
    response: [adminIds],
  },
  'hs-crypto.tke-cryptounit-admin.remove': {
    ...unit,
    title: 'Remove a crypto unit administrator from the selected crypto units.',
    verb: 'remove',
    object: 'tke-cryptounit-admin',
    typeURI: 'hs-crypto/tke-cryptounit/admin',
    phrase: { did: 'removed', to: 'remove', what: 'an administrator from [crypto unit {name}|a crypto unit]' },
    request: [
      unitLocation,
      {
        name: 'adminId',
        type: 'sha256',
        meaning: 'The SHA-256 hash of the signature key file that is associated with the administrator to be removed.',
        source: 'seed',
      },
      signerIds,
    ],
    response: [adminIds],
  },
  'hs-crypto.tke-cryptounit-threshold.set': {
    ...unit,
    title: 'Set the signature thresholds for the selected crypto units.',
    verb: 'set',
    object: 'tke-cryptounit-threshold',
    typeURI: 'hs-crypto/tke-cryptounit/threshold',
    phrase: {
      did: 'set',
      to: 'set',
      what: 'the signature thresholds of [crypto unit {name}|a crypto unit][ to {request.signatureThreshold}][ and {request.revocationSignatureThreshold} for revocation]',
    },
    request: [
      unitLocation,
      {
        name: 'signatureThreshold',
        type: 'integer',
        meaning: 'The main signature threshold that was asked for.',
        source: 'seed',
      },
      {
        name: 'revocationSignatureThreshold',
        type: 'integer',
        meaning: 'The revocation signature threshold that was asked for.',
        source: 'seed',
      },
      signerIds,
    ],
    response: [
      {
        name: 'signatureThreshold',
        type: 'integer',
        meaning: 'The main signature threshold that is successfully set on the crypto unit.',
        source: 'seed',
      },
      {
        name: 'revocationSignatureThreshold',
        type: 'integer',
        meaning: 'The revocation signature threshold that is successfully set on the crypto unit.',
        source: 'seed',
      },
      {
        name: 'initialValue.signatureThreshold',
        type: 'integer',
        meaning: 'The main signature threshold before; 0 while the unit has none.',
        source: 'extension',
      },
      {
        name: 'initialValue.revocationSignatureThreshold',
        type: 'integer',
        meaning: 'The revocation signature threshold before; 0 while the unit has none.',
        source: 'extension',
      },
    ],
  },
  'hs-crypto.tke-cryptounit.reset': {
    ...unit,
    title: 'Zeroize and reset the selected crypto units',
    verb: 'reset',
    object: 'tke-cryptounit',
    typeURI: 'hs-crypto/tke-cryptounit',
    phrase: { did: 'zeroized and reset', to: 'zeroize and reset', what: '[crypto unit {name}|a crypto unit]' },
    request: [unitLocation, signerIds],
    response: [],
  },
  'hs-crypto.tke-cryptounit-master-key-register.add': {
    ...unit,
    title: 'Load the new master key register.',
    verb: 'add',
    object: 'tke-cryptounit-master-key-register',
    typeURI: 'hs-crypto/tke-cryptounit/master-key-register',
    phrase: { did: 'loaded', to: 'load', what: 'the new master key register of [crypto unit {name}|a crypto unit]' },
    request: [
      unitLocation,
      {
        name: 'masterKeyIds',
        type: 'sha256[]',
        meaning: 'The SHA-256 hashes of all the master key parts files that were selected to load to the crypto unit.',
        source: 'seed',
      },
      signerIds,
    ],
    response: [
      {
        name: 'verificationPattern',
        type: 'sha256',
        meaning:
          'The SHA-256 hash of the master key that is composed of the selected master key parts and is loaded to the new master key register.',
        source: 'seed',
      },
    ],
  },
  'hs-crypto.tke-cryptounit-master-key-register.commit': {
    ...unit,
    title: 'Commit the new master key register.',
    verb: 'commit',
    object: 'tke-cryptounit-master-key-register',
    typeURI: 'hs-crypto/tke-cryptounit/master-key-register',
    phrase: {
      did: 'committed',
      to: 'commit',
      what: 'the new master key register of [crypto unit {name}|a crypto unit]',
    },
    request: [
      unitLocation,
      {
        name: 'verificationPattern',
        type: 'sha256',
        meaning: 'The SHA-256 hash of the master key that is loaded to the new master key register.',
        source: 'seed',
      },
      signerIds,
    ],
    response: [
      {
        name: 'masterKeyIds',
        type: 'sha256[]',
        meaning: 'The SHA-256 hashes of all the master key parts files that compose the master key.',
        source: 'seed',
      },
    ],
  },
  'hs-crypto.tke-cryptounit-master-key-register.activate': {
    ...unit,
    title: 'Activate the current master key register.',
    verb: 'activate',
    object: 'tke-cryptounit-master-key-register',
    typeURI: 'hs-crypto/tke-cryptounit/master-key-register',
    phrase: {
      did: 'activated',
      to: 'activate',
      what: 'the current master key register of [crypto unit {name}|a crypto unit]',
    },
    request: [
      unitLocation,
      {
        name: 'verificationPattern',
        type: 'sha256',
        meaning: 'The SHA-256 hash of the master key that is loaded and committed to the new master key register.',
        source: 'seed',
      },
      signerIds,
    ],
    response: [
      {
        name: 'verificationPattern',
        type: 'sha256',
        meaning: 'The SHA-256 hash of the master key that is activated.',
        source: 'seed',
      },
    ],
  },
  'hs-crypto.tke-cryptounit-new-master-key-register.clear': {
    ...unit,
    title: 'Clear the new master key register.',
    verb: 'clear',
    object: 'tke-cryptounit-new-master-key-register',
    typeURI: 'hs-crypto/tke-cryptounit/new-master-key-register',
    phrase: { did: 'cleared', to: 'clear', what: 'the new master key register of [crypto unit {name}|a crypto unit]' },
    request: [unitLocation, signerIds],
    response: [],
  },
  'hs-crypto.tke-cryptounit-current-master-key-register.clear': {
    ...unit,
    title: 'Clear the current master key register.',
    verb: 'clear',
    object: 'tke-cryptounit-current-master-key-register',
    typeURI: 'hs-crypto/tke-cryptounit/current-master-key-register',
    phrase: {
      did: 'cleared',
      to: 'clear',
      what: 'the current master key register of [crypto unit {name}|a crypto unit]',
    },
    request: [unitLocation, signerIds],
    response: [],
  },
} as const satisfies FamilySpec
