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
  {
    when: { outcome: 'failure', codes: [400], refusals: ['MASTER_KEY_IN_USE'] },
    meaning:
      'The command would have taken away a master key that stored keys are wrapped under. The server kept it from the crypto unit, and nothing was changed.',
    remedy: 'Rotate the master key: it wraps everything anew before a crypto unit changes over.',
    call: 'keywitness tke cryptounit-mk-rotate',
    source: 'extension',
  },
  {
    when: { outcome: 'failure', codes: [400], refusals: ['ROTATION_UNDER_WAY'] },
    meaning:
      'The master key is being rotated. Until everything is wrapped anew, no crypto unit may give up either key, and registers are only activated.',
    remedy: 'Let the rotation end: the command that began it goes on where it stopped.',
    call: 'keywitness tke cryptounit-mk-rotate',
    source: 'extension',
  },
  {
    when: { outcome: 'failure', codes: [400], refusals: ['ROTATION_NOT_POSSIBLE'] },
    meaning: 'A rotation needs the same valid master key, and the same committed new one, in every crypto unit.',
    remedy: 'Compare the registers, then load and commit the same new master key where it is missing.',
    call: 'keywitness tke cryptounit-compare',
    source: 'extension',
  },
] as const satisfies readonly ExplanationSpec[]

/** Who authorised a command, not only who sent it; and what proves it to whoever has the signed request. */
export const commandProof = [
  {
    name: 'signerIds',
    type: 'sha256[]',
    meaning:
      'The subject key identifiers of the administrators who signed the command. Of a refused command: of whoever its signatures name, whether or not they verify.',
    source: 'extension',
  },
  {
    name: 'requestHash',
    type: 'sha256',
    meaning:
      'The SHA-256 of the signed request (DER, xcpAdminReq) as it was received: who has the request can prove that it is this command, and verify its signatures.',
    source: 'extension',
  },
  {
    name: 'transactionCounter',
    type: 'identifier',
    meaning:
      'The transaction counter that the command names, decimal: no two commands of one life of a unit share one.',
    source: 'extension',
  },
] as const satisfies readonly FieldSpec[]

const signedCommand = [unitLocation, ...commandProof] as const

/** The state that a command led to. A unit whose state is older than the trail's last one is refused. */
export const unitRevision = {
  name: 'unitRevision',
  type: 'integer',
  meaning: 'Number of the state that the crypto unit has since this command.',
  when: 'the command changed the state, if only its transaction counter',
  source: 'extension',
} as const satisfies FieldSpec

const adminName = {
  name: 'adminName',
  type: 'name',
  max: 30,
  meaning: 'The name in the certificate of the administrator.',
  when: 'the certificate could be read, or the administrator is installed',
  source: 'extension',
} as const satisfies FieldSpec

/** Units know keys, not the files that people keep them in. */
const keyNotFile =
  'The subject key identifier: SHA-256 of the public key (the point 04 X Y, or the RSAPublicKey). A crypto unit never sees the file.'
const partsNotFiles =
  'The verification patterns of the key parts, in the order in which they were loaded: SHA-256 over a byte 01 and the part, its last four bytes zero. A crypto unit never sees the files.'
const patternOfKey =
  'The verification pattern: SHA-256 over a byte 01 and the key, its last four bytes zero, as crypto units answer it.'

const adminIds = {
  name: 'adminIds',
  type: 'sha256[]',
  meaning:
    'The SHA-256 hashes of the signature key files associated with all the administrators that are added to the crypto unit.',
  here: keyNotFile,
  source: 'seed',
} as const satisfies FieldSpec

export const tkeAction = {
  severity: 'critical',
  severitySource: 'documented',
  dataEvent: false,
  explanations: failures,
  source: 'seed',
} as const satisfies Partial<EntrySpec>

export const tke = {
  'hs-crypto.tke-cryptounit-admin.add': {
    ...tkeAction,
    title: 'Add a crypto unit administrator to the selected crypto units.',
    verb: 'add',
    object: 'tke-cryptounit-admin',
    typeURI: 'hs-crypto/tke-cryptounit/admin',
    phrase: {
      did: 'added',
      to: 'add',
      what: '[administrator {request.adminName}|an administrator] to [crypto unit {name}|a crypto unit]',
    },
    request: [
      ...signedCommand,
      {
        name: 'adminId',
        type: 'sha256',
        meaning: 'The SHA-256 hash of the signature key file that is associated with the administrator to be added.',
        here: keyNotFile,
        source: 'seed',
      },
      adminName,
    ],
    response: [adminIds, unitRevision],
  },
  'hs-crypto.tke-cryptounit-admin.remove': {
    ...tkeAction,
    title: 'Remove a crypto unit administrator from the selected crypto units.',
    verb: 'remove',
    object: 'tke-cryptounit-admin',
    typeURI: 'hs-crypto/tke-cryptounit/admin',
    phrase: {
      did: 'removed',
      to: 'remove',
      what: '[administrator {request.adminName}|an administrator] from [crypto unit {name}|a crypto unit]',
    },
    request: [
      ...signedCommand,
      {
        name: 'adminId',
        type: 'sha256',
        meaning: 'The SHA-256 hash of the signature key file that is associated with the administrator to be removed.',
        here: keyNotFile,
        source: 'seed',
      },
      adminName,
    ],
    response: [adminIds, unitRevision],
  },
  'hs-crypto.tke-cryptounit-threshold.set': {
    ...tkeAction,
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
      ...signedCommand,
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
      {
        name: 'permissions',
        type: 'identifier',
        meaning: 'The permissions that were asked for: attribute 3 of the domain, hexadecimal.',
        source: 'extension',
      },
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
      {
        name: 'initialValue.permissions',
        type: 'identifier',
        meaning: 'The permissions before, hexadecimal.',
        source: 'extension',
      },
      {
        name: 'confirmed',
        type: 'boolean',
        meaning:
          'The command confirmed the state of a crypto unit that was refused because the trail knows a later one.',
        when: 'the unit was refused before',
        source: 'extension',
      },
      unitRevision,
    ],
  },
  'hs-crypto.tke-cryptounit.reset': {
    ...tkeAction,
    title: 'Zeroize and reset the selected crypto units',
    verb: 'reset',
    object: 'tke-cryptounit',
    typeURI: 'hs-crypto/tke-cryptounit',
    phrase: { did: 'zeroized and reset', to: 'zeroize and reset', what: '[crypto unit {name}|a crypto unit]' },
    request: signedCommand,
    response: [unitRevision],
  },
  'hs-crypto.tke-cryptounit-master-key-register.add': {
    ...tkeAction,
    title: 'Load the new master key register.',
    verb: 'add',
    object: 'tke-cryptounit-master-key-register',
    typeURI: 'hs-crypto/tke-cryptounit/master-key-register',
    phrase: { did: 'loaded', to: 'load', what: 'the new master key register of [crypto unit {name}|a crypto unit]' },
    request: [
      ...signedCommand,
      {
        name: 'masterKeyIds',
        type: 'sha256[]',
        meaning: 'The SHA-256 hashes of all the master key parts files that were selected to load to the crypto unit.',
        here: partsNotFiles,
        source: 'seed',
      },
    ],
    response: [
      {
        name: 'verificationPattern',
        type: 'sha256',
        meaning:
          'The SHA-256 hash of the master key that is composed of the selected master key parts and is loaded to the new master key register.',
        here: patternOfKey,
        source: 'seed',
      },
      unitRevision,
    ],
  },
  'hs-crypto.tke-cryptounit-master-key-register.commit': {
    ...tkeAction,
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
      ...signedCommand,
      {
        name: 'verificationPattern',
        type: 'sha256',
        meaning: 'The SHA-256 hash of the master key that is loaded to the new master key register.',
        here: patternOfKey,
        source: 'seed',
      },
    ],
    response: [
      {
        name: 'masterKeyIds',
        type: 'sha256[]',
        meaning: 'The SHA-256 hashes of all the master key parts files that compose the master key.',
        here: partsNotFiles,
        source: 'seed',
      },
      unitRevision,
    ],
  },
  'hs-crypto.tke-cryptounit-master-key-register.activate': {
    ...tkeAction,
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
      ...signedCommand,
      {
        name: 'verificationPattern',
        type: 'sha256',
        meaning: 'The SHA-256 hash of the master key that is loaded and committed to the new master key register.',
        here: patternOfKey,
        source: 'seed',
      },
    ],
    response: [
      {
        name: 'verificationPattern',
        type: 'sha256',
        meaning: 'The SHA-256 hash of the master key that is activated.',
        here: patternOfKey,
        source: 'seed',
      },
      unitRevision,
    ],
  },
  'hs-crypto.tke-cryptounit-new-master-key-register.clear': {
    ...tkeAction,
    title: 'Clear the new master key register.',
    verb: 'clear',
    object: 'tke-cryptounit-new-master-key-register',
    typeURI: 'hs-crypto/tke-cryptounit/new-master-key-register',
    phrase: { did: 'cleared', to: 'clear', what: 'the new master key register of [crypto unit {name}|a crypto unit]' },
    request: signedCommand,
    response: [unitRevision],
  },
  'hs-crypto.tke-cryptounit-current-master-key-register.clear': {
    ...tkeAction,
    title: 'Clear the current master key register.',
    verb: 'clear',
    object: 'tke-cryptounit-current-master-key-register',
    typeURI: 'hs-crypto/tke-cryptounit/current-master-key-register',
    phrase: {
      did: 'cleared',
      to: 'clear',
      what: 'the current master key register of [crypto unit {name}|a crypto unit]',
    },
    request: signedCommand,
    response: [unitRevision],
  },
} as const satisfies FamilySpec
