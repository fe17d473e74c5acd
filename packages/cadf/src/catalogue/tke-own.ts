/** Events of crypto units that the seed has no action for. Ours, and critical like all of Trusted Key Entry. */
import type { EntrySpec, FamilySpec, FieldSpec } from './entry.ts'
import { unitLocation } from './fields.ts'
import { commandProof, tkeAction, unitRevision } from './tke.ts'

const ours = { ...tkeAction, severitySource: 'assigned', source: 'extension' } as const satisfies Partial<EntrySpec>

const location = { ...unitLocation, source: 'extension' } as const satisfies FieldSpec
const signedCommand = [location, ...commandProof] as const

const rotation = [
  {
    name: 'initialValue.verificationPattern',
    type: 'sha256',
    meaning: 'The verification pattern of the master key that goes.',
    source: 'extension',
  },
  {
    name: 'verificationPattern',
    type: 'sha256',
    meaning: 'The verification pattern of the master key that comes.',
    source: 'extension',
  },
] as const satisfies readonly FieldSpec[]

export const ownTke = {
  'hs-crypto.tke-cryptounit-importer.create': {
    ...ours,
    title: 'Generate the key pair that master key parts are encrypted to on their way into a crypto unit.',
    verb: 'create',
    object: 'tke-cryptounit-importer',
    typeURI: 'hs-crypto/tke-cryptounit/importer',
    phrase: { did: 'made', to: 'make', what: 'an importer key for [crypto unit {name}|a crypto unit]' },
    request: signedCommand,
    response: [
      {
        name: 'importerId',
        type: 'sha256',
        meaning: 'The SHA-256 of the public key (SubjectPublicKeyInfo) of the importer.',
        source: 'extension',
      },
      unitRevision,
    ],
  },
  'hs-crypto.tke-cryptounit-master-key.export': {
    ...ours,
    title: 'Export a master key, encrypted to the importer of another crypto unit or to a key part holder.',
    verb: 'export',
    object: 'tke-cryptounit-master-key',
    typeURI: 'hs-crypto/tke-cryptounit/master-key',
    phrase: { did: 'exported', to: 'export', what: 'a master key of [crypto unit {name}|a crypto unit], encrypted' },
    request: [
      ...signedCommand,
      {
        name: 'recipientId',
        type: 'sha256',
        meaning:
          'The key identifier of whoever can decrypt what was exported (SHA-256 over X and Y of the public key).',
        source: 'extension',
      },
      {
        name: 'register',
        type: 'enum',
        values: ['current', 'new'],
        meaning: 'Which master key register was exported.',
        source: 'extension',
      },
    ],
    response: [
      {
        name: 'verificationPattern',
        type: 'sha256',
        meaning: 'The verification pattern of the master key that was exported.',
        source: 'extension',
      },
      unitRevision,
    ],
  },
  'hs-crypto.tke-cryptounit-control-point.set': {
    ...ours,
    title: 'Change what a crypto unit may do: its control points.',
    verb: 'set',
    object: 'tke-cryptounit-control-point',
    typeURI: 'hs-crypto/tke-cryptounit/control-point',
    phrase: { did: 'set', to: 'set', what: 'control points of [crypto unit {name}|a crypto unit]' },
    request: [
      ...signedCommand,
      {
        name: 'controlPoints',
        type: 'identifier',
        meaning: 'The control points that were set, added or removed: 16 bytes, hexadecimal.',
        source: 'extension',
      },
      {
        name: 'change',
        type: 'enum',
        values: ['set', 'add', 'remove'],
        meaning: 'What was to be done with them.',
        source: 'extension',
      },
    ],
    response: [
      { name: 'controlPoints', type: 'identifier', meaning: 'All control points since then.', source: 'extension' },
      {
        name: 'initialValue.controlPoints',
        type: 'identifier',
        meaning: 'All control points before.',
        source: 'extension',
      },
      unitRevision,
    ],
  },
  'hs-crypto.tke-cryptounit.default': {
    ...ours,
    title: 'Invalid crypto unit request event.',
    verb: 'request',
    object: 'tke-cryptounit',
    typeURI: 'hs-crypto/tke-cryptounit',
    phrase: {
      did: 'made',
      to: 'make',
      failed: 'made',
      what: 'an invalid request to [crypto unit {name}|a crypto unit]',
    },
    request: [location],
    response: [],
  },
  'hs-crypto.tke-cryptounit.read': {
    ...ours,
    title: 'Ask crypto units for their state. Only refusals are recorded.',
    verb: 'read',
    object: 'tke-cryptounit',
    typeURI: 'hs-crypto/tke-cryptounit',
    phrase: { did: 'read', to: 'read', what: 'the state of the crypto units[ of {name}]' },
    request: [location],
    response: [],
  },
  'hs-crypto.tke-cryptounit.hold': {
    ...ours,
    title: 'A crypto unit was refused: its state is older than the last one that the trail knows.',
    verb: 'hold',
    object: 'tke-cryptounit',
    typeURI: 'hs-crypto/tke-cryptounit',
    phrase: { did: 'refused', to: 'refuse', what: '[crypto unit {name}|a crypto unit], whose state is out of date' },
    request: [
      location,
      {
        name: 'lastRevision',
        type: 'integer',
        meaning: 'Number of the last state that the trail knows of the unit.',
        source: 'extension',
      },
    ],
    response: [{ ...unitRevision, meaning: 'Number of the state that was found in the store.', when: 'always' }],
    explanations: [
      {
        when: { outcome: 'success' },
        meaning:
          'The store of the server holds an earlier state of this crypto unit than the trail has events of. It was set back, most often by restoring an old copy: administrators or master keys that were removed since may be in it again.',
        remedy:
          'Find out who restored what. Then let the administrators confirm the state (keywitness tke cryptounit-confirm), or zeroize the unit.',
        source: 'extension',
      },
    ],
  },
  'hs-crypto.tke-cryptounit-process.restart': {
    ...ours,
    title: 'The process of the crypto units ended unexpectedly and was started again.',
    verb: 'restart',
    object: 'tke-cryptounit-process',
    typeURI: 'hs-crypto/tke-cryptounit/process',
    phrase: { did: 'restarted', to: 'restart', what: 'the process of the crypto units, which had ended unexpectedly' },
    request: [
      {
        name: 'ending',
        type: 'identifier',
        meaning: 'How it ended: the signal or the exit code.',
        source: 'extension',
      },
      {
        name: 'downMs',
        type: 'integer',
        meaning: 'For how many milliseconds no crypto unit answered.',
        source: 'extension',
      },
    ],
    response: [],
    explanations: [
      {
        when: { outcome: 'success' },
        meaning:
          'Calls that waited for the crypto units were refused, and nothing of them happened. The units went on from their last committed states.',
        remedy: 'Look into the log of the server for the cause. If nobody ended the process, find out who did.',
        source: 'extension',
      },
    ],
  },
  'hs-crypto.tke-cryptounit-failover.enable': {
    ...ours,
    title: 'Add failover crypto units to an instance, in another location.',
    verb: 'enable',
    object: 'tke-cryptounit-failover',
    typeURI: 'hs-crypto/tke-cryptounit/failover',
    phrase: {
      did: 'added',
      to: 'add',
      what: '[{request.failoverUnits} ]failover crypto units[ in {request.backupRegion}][ to {name}]',
    },
    request: [
      {
        name: 'backupRegion',
        type: 'identifier',
        meaning: 'The location that the failover units stand in.',
        when: 'it is a location of this server',
        source: 'extension',
      },
      { name: 'failoverUnits', type: 'integer', meaning: 'How many were asked for.', source: 'extension' },
    ],
    response: [],
    explanations: [
      {
        when: { outcome: 'success' },
        meaning:
          'The units were made in imprint mode, each with an event of its own (hs-crypto.tke-cryptounit.reset). They serve once they hold the master key of the instance and no operational unit does.',
        remedy:
          'Set them up like the operational units (keywitness tke auto-init with the same thresholds and administrators, or unit by unit): until then the master key cannot be rotated.',
        source: 'extension',
      },
      {
        when: { outcome: 'failure', codes: [400], refusals: ['FAILOVER_REGION'] },
        meaning: 'Failover units stand in another location than the instance, and in one that this server has.',
        remedy: 'Ask for another location.',
        call: 'GET /v1/tke/availableBackupRegions?type=failover',
        source: 'extension',
      },
      {
        when: { outcome: 'failure', codes: [400], refusals: ['FAILOVER_COUNT'] },
        meaning: 'An instance has 2 or 3 failover units, and no more of them than operational ones.',
        remedy: 'Ask for 2, or for 3 where the instance has 3 operational units.',
        source: 'extension',
      },
      {
        when: { outcome: 'failure', codes: [409], refusals: ['FAILOVER_ENABLED'] },
        meaning: 'The instance has failover units; they are added once.',
        remedy: 'Nothing is left to do: they are in the list of its crypto units.',
        source: 'extension',
      },
      ...tkeAction.explanations,
    ],
  },
  'hs-crypto.tke-master-key-rotation.start': {
    ...ours,
    title: 'Begin to rotate the master key of an instance: what is wrapped under it is wrapped anew.',
    verb: 'start',
    object: 'tke-master-key-rotation',
    typeURI: 'hs-crypto/tke-master-key-rotation',
    phrase: { did: 'began', to: 'begin', what: 'to rotate the master key[ of {name}]' },
    request: rotation,
    response: [
      {
        name: 'totalResources',
        type: 'integer',
        meaning: 'How many pieces of key material are wrapped under the master key that goes.',
        source: 'extension',
      },
    ],
  },
  'hs-crypto.tke-master-key-rotation.complete': {
    ...ours,
    title: 'Everything that was wrapped under the old master key of an instance is wrapped under the new one.',
    verb: 'complete',
    object: 'tke-master-key-rotation',
    typeURI: 'hs-crypto/tke-master-key-rotation',
    phrase: {
      did: 'wrapped',
      to: 'wrap',
      what: 'everything[ of {name}] under the new master key[ ({response.totalResources} in all)]',
    },
    request: rotation,
    response: [
      {
        name: 'totalResources',
        type: 'integer',
        meaning: 'How many pieces of key material were wrapped anew.',
        source: 'extension',
      },
    ],
  },
} as const satisfies FamilySpec
