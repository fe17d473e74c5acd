/** Explanations of EP11 calls that failed: by the return value of PKCS #11, or by the refusal of the server itself. */
import { certificateRefusals } from './client-certificates.ts'
import type { ExplanationSpec } from './entry.ts'

const units = 'GET /v1/tke/{instance}/hsms'

/** Of the server: who calls, and what they asked for. */
const ofServer = [
  {
    when: { outcome: 'failure', codes: [401], refusals: ['UNAUTHENTICATED'] },
    meaning: 'The token was missing, expired or not one of ours, or its API key or owner was disabled.',
    remedy:
      'Let the client ask for a new token; they are good for an hour. If the initiator is unknown, look at its address: somebody may be trying what happens.',
    source: 'extension',
  },
  ...certificateRefusals,
  {
    when: { outcome: 'failure', codes: [403], refusals: ['EP11_UNAUTHORIZED'] },
    meaning:
      'No role of the caller permits this method, the instance is not one of its account, or the network policies of the instance do not take calls from there.',
    remedy:
      'Read the reason for failure. Making and deriving keys takes Writer, Manager or CryptoOperator; everything else a Reader may do. Whether the client names the right instance shows in requestData.instanceID.',
    call: 'GET /v1/iam/roles',
    source: 'extension',
  },
  {
    when: {
      outcome: 'failure',
      codes: [400],
      refusals: ['EP11_CANNOT_UNMARSHAL', 'EP11_METHOD_UNKNOWN', 'CKR_FUNCTION_NOT_SUPPORTED'],
    },
    meaning: 'The method is not offered, or its message could not be read.',
    remedy:
      'Compare the schema that the client was made from with the published one. Many of these from one client mean a fault of the client, or somebody who tries what happens.',
    source: 'extension',
  },
  {
    when: { outcome: 'failure', codes: [400], refusals: ['EP11_INSTANCE_CONFLICT'] },
    meaning: 'The metadata of the call name one instance, and the host that it was sent to another.',
    remedy: 'Let the client leave out bluemix-instance, or connect to the host of that instance.',
    source: 'extension',
  },
  {
    when: { outcome: 'failure', codes: [400], refusals: ['EP11_MESSAGE_UNSUPPORTED'] },
    meaning: 'The call had no message, or more than one, or one in an encoding that is not taken.',
    remedy:
      'Every method takes exactly one message, as it is or compressed by gzip or deflate. Generated clients send it so; look at what the client was written with, or at a proxy between.',
    source: 'extension',
  },
  {
    when: { outcome: 'failure', codes: [429], refusals: ['EP11_TOO_LONG'] },
    meaning: 'The message of the call is longer than any that is taken; it was not read to its end.',
    remedy:
      'Let the client send at most 4 MiB of data at once: longer data in parts, with the Init and Update methods.',
    source: 'extension',
  },
  {
    when: { outcome: 'failure', codes: [429], refusals: ['TOO_MANY_REQUESTS', 'CKR_IBM_TRANSPORT_LIMIT'] },
    meaning: 'The caller made more calls, or asked for more at once, than it may.',
    remedy:
      'Let the client make fewer calls: one of the Single methods in place of several. The bounds are settings of the server.',
    source: 'extension',
  },
] as const satisfies readonly ExplanationSpec[]

/** Of the crypto unit: keys and their blobs. */
const ofKeys = [
  {
    when: { outcome: 'failure', codes: [400], refusals: ['CKR_IBM_BLOB_ERROR'] },
    meaning:
      'The key blob was made by another instance or altered, or the unit does not know its form: it does not open.',
    remedy:
      'Check that the client uses the instance that the key was made in, and that the whole blob was kept. Blobs from an HSM of IBM do not open here.',
    source: 'extension',
  },
  {
    when: { outcome: 'failure', codes: [409], refusals: ['CKR_IBM_WKID_MISMATCH'] },
    meaning: 'The key blob is wrapped by another master key than the one in force: it is from before a rotation.',
    remedy:
      'A blob must be rewrapped (RewrapKeyBlob) while the new master key is committed and not yet active. After that it opens only under the former master key.',
    call: units,
    source: 'extension',
  },
  {
    when: { outcome: 'failure', codes: [409], refusals: ['CKR_IBM_WK_NOT_INITIALIZED'] },
    meaning: 'The crypto units have no active master key, or, for RewrapKeyBlob, no new one that is committed.',
    remedy: 'Look at the registers of the crypto units and load, commit or activate the master key.',
    call: units,
    source: 'extension',
  },
  {
    when: {
      outcome: 'failure',
      codes: [409],
      refusals: [
        'CKR_KEY_FUNCTION_NOT_PERMITTED',
        'CKR_KEY_NOT_WRAPPABLE',
        'CKR_KEY_UNEXTRACTABLE',
        'CKR_ACTION_PROHIBITED',
      ],
    },
    meaning:
      'The attributes of the key do not allow this use: it lacks the usage bit, is not extractable, or must not be changed.',
    remedy:
      'What a key may be used for is said when it is made. SetAttributeValue may change it while the key is modifiable; extractable never comes back.',
    source: 'extension',
  },
  {
    when: {
      outcome: 'failure',
      codes: [400],
      refusals: [
        'CKR_KEY_HANDLE_INVALID',
        'CKR_WRAPPING_KEY_HANDLE_INVALID',
        'CKR_UNWRAPPING_KEY_HANDLE_INVALID',
        'CKR_OBJECT_HANDLE_INVALID',
      ],
    },
    meaning: 'The call has no key, or what stands in its place is none.',
    remedy: 'Let the client send the key blob that it got when the key was made, whole.',
    source: 'extension',
  },
  {
    when: {
      outcome: 'failure',
      codes: [400],
      refusals: [
        'CKR_KEY_TYPE_INCONSISTENT',
        'CKR_KEY_SIZE_RANGE',
        'CKR_CURVE_NOT_SUPPORTED',
        'CKR_DOMAIN_PARAMS_INVALID',
        'CKR_WRAPPING_KEY_TYPE_INCONSISTENT',
        'CKR_WRAPPING_KEY_SIZE_RANGE',
        'CKR_UNWRAPPING_KEY_TYPE_INCONSISTENT',
        'CKR_UNWRAPPING_KEY_SIZE_RANGE',
        'CKR_PUBLIC_KEY_INVALID',
        'CKR_IBM_PQC_PARAMS_NOT_SUPPORTED',
      ],
    },
    meaning: 'The key is of a type, size or curve that the mechanism does not take.',
    remedy: 'Ask with GetMechanismInfo which sizes the mechanism takes, and use a key of its type.',
    source: 'extension',
  },
  {
    when: {
      outcome: 'failure',
      codes: [400],
      refusals: [
        'CKR_WRAPPED_KEY_INVALID',
        'CKR_WRAPPED_KEY_LEN_RANGE',
        'CKR_ENCRYPTED_DATA_INVALID',
        'CKR_ENCRYPTED_DATA_LEN_RANGE',
      ],
    },
    meaning:
      'The data or the wrapped key do not open with this key, this mechanism and its parameter. Why is not told.',
    remedy:
      'Check that key, mechanism and parameter are those it was encrypted with. Very many of these from one client can be an attack on the padding.',
    source: 'extension',
  },
] as const satisfies readonly ExplanationSpec[]

/** Of the crypto unit: what was asked of it. */
const ofCalls = [
  {
    when: {
      outcome: 'failure',
      codes: [400],
      refusals: ['CKR_MECHANISM_INVALID', 'CKR_MECHANISM_PARAM_INVALID', 'CKR_IBM_PARAM_NOT_SUPPORTED'],
    },
    meaning: 'The mechanism is not offered for this, or its parameter is not one that it takes.',
    remedy: 'GetMechanismList tells what is offered, GetMechanismInfo for which uses.',
    source: 'extension',
  },
  {
    when: {
      outcome: 'failure',
      codes: [400],
      refusals: [
        'CKR_TEMPLATE_INCOMPLETE',
        'CKR_TEMPLATE_INCONSISTENT',
        'CKR_ATTRIBUTE_READ_ONLY',
        'CKR_ATTRIBUTE_SENSITIVE',
        'CKR_ATTRIBUTE_TYPE_INVALID',
        'CKR_ATTRIBUTE_VALUE_INVALID',
      ],
    },
    meaning:
      'An attribute of the template is missing, does not fit the others, cannot be set so, or must not be told: the value of a sensitive key.',
    remedy: 'Read the reason for failure and correct the template at the client.',
    source: 'extension',
  },
  {
    when: { outcome: 'failure', codes: [400], refusals: ['CKR_SIGNATURE_INVALID', 'CKR_SIGNATURE_LEN_RANGE'] },
    meaning: 'The signature was verified, and is not one of these data by this key.',
    remedy:
      'This is the answer that a verification is for. Many of these mean altered data, or another key or mechanism than those it was signed with.',
    source: 'extension',
  },
  {
    when: {
      outcome: 'failure',
      codes: [400],
      refusals: ['CKR_DATA_INVALID', 'CKR_DATA_LEN_RANGE', 'CKR_ARGUMENTS_BAD'],
    },
    meaning: 'The data are longer, shorter or of another form than the mechanism takes.',
    remedy: 'Read the reason for failure, and let the client pad or hash its data first.',
    source: 'extension',
  },
  {
    when: {
      outcome: 'failure',
      codes: [400],
      refusals: ['CKR_SAVED_STATE_INVALID'],
    },
    meaning:
      'The state of an operation in parts was altered, or is not one that this instance made under its present master key.',
    remedy: 'Let the client begin the operation anew. After a rotation of the master key all open ones have ended.',
    source: 'extension',
  },
  {
    when: { outcome: 'failure', codes: [409], refusals: ['CKR_OPERATION_ACTIVE', 'CKR_OPERATION_NOT_INITIALIZED'] },
    meaning: 'The operation is not at the point at which this method can go on with it.',
    remedy: 'Let the client begin the operation anew, and either give all data at once or end it with a Final method.',
    source: 'extension',
  },
  {
    when: { outcome: 'failure', codes: [429], refusals: ['CKR_DEVICE_MEMORY'] },
    meaning: 'As many keys were being generated as a crypto unit generates at a time.',
    remedy: 'Clients try again. RSA keys and parameters of DSA and Diffie-Hellman take the longest.',
    source: 'extension',
  },
] as const satisfies readonly ExplanationSpec[]

/** Of logins. */
const ofSessions = [
  {
    when: { outcome: 'failure', codes: [403], refusals: ['CKR_PIN_INCORRECT', 'CKR_PIN_EXPIRED'] },
    meaning: 'The PIN is not the one that this needs.',
    remedy: 'Let the client use the password of the keystore. Many of these mean that somebody is guessing it.',
    source: 'extension',
  },
  {
    when: { outcome: 'failure', codes: [403], refusals: ['CKR_PIN_LOCKED'] },
    meaning: 'So many PINs were wrong that no further one is tried for a while.',
    remedy: 'Find out who tried, by the events before. Then wait, and let the client use the right one.',
    source: 'extension',
  },
  {
    when: { outcome: 'failure', codes: [400], refusals: ['CKR_PIN_LEN_RANGE', 'CKR_PIN_INVALID', 'CKR_PIN_TOO_WEAK'] },
    meaning: 'The PIN is shorter or longer than a PIN may be, or has other characters.',
    remedy: 'Choose another one.',
    source: 'extension',
  },
  {
    when: {
      outcome: 'failure',
      codes: [409],
      refusals: [
        'CKR_SESSION_CLOSED',
        'CKR_SESSION_HANDLE_INVALID',
        'CKR_USER_NOT_LOGGED_IN',
        'CKR_IBM_SESSION_IMMUTABLE',
      ],
    },
    meaning:
      'The key belongs to a login session that the caller did not show: it was made after another login, with another PIN, or that session was logged out.',
    remedy:
      'Let the client log in with the same keystore and password, and send what Login answered as the metadata ep11-session-bin.',
    source: 'extension',
  },
] as const satisfies readonly ExplanationSpec[]

/** Of the units themselves, and of status codes for events that do not name their refusal. */
const ofUnits = [
  {
    when: {
      outcome: 'failure',
      codes: [503],
      refusals: ['UNIT_UNAVAILABLE', 'CKR_DEVICE_REMOVED', 'CKR_IBM_MODE_CONFLICT', 'CKR_IBM_TRANSPORT_ERROR'],
    },
    meaning: 'No crypto unit could do this now: none runs, too much waits, or the master key is being rotated.',
    remedy: 'Clients try again. If it lasts, look at the crypto units.',
    call: 'GET /readyz',
    source: 'extension',
  },
  {
    when: { outcome: 'failure', codes: [504], refusals: ['CKR_IBM_REQ_TIMEOUT'] },
    meaning: 'The crypto unit took too long. Whether it carried the call out is not known; no answer left.',
    remedy: 'Clients try again: keys are the client’s own, and one that nobody got is nobody’s.',
    call: 'GET /readyz',
    source: 'extension',
  },
  {
    when: { outcome: 'failure', codes: [401] },
    meaning:
      'The token is not valid for this instance, or the client showed no certificate that its certificate manager accepts.',
    remedy: 'Read tlsFailure of the request data; without it, check the token and the roles of its owner.',
    source: 'extension',
  },
  {
    when: { outcome: 'failure', codes: [400] },
    meaning: 'Key, mechanism, data and attributes of the call do not fit together.',
    remedy: 'Read the reason for failure: it begins with a sentence and ends with the return value of PKCS #11.',
    source: 'extension',
  },
  {
    when: { outcome: 'failure', codes: [409] },
    meaning: 'The state of the key, its session or the master key does not allow this.',
    remedy: 'Read the reason for failure: it begins with a sentence and ends with the return value of PKCS #11.',
    source: 'extension',
  },
] as const satisfies readonly ExplanationSpec[]

export const ep11Refusals = [
  ...ofServer,
  ...ofKeys,
  ...ofCalls,
  ...ofSessions,
  ...ofUnits,
] as const satisfies readonly ExplanationSpec[]
