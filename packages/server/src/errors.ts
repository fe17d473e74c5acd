/** Every error of the product: stable code, HTTP status and text; other protocols' codes stand beside it as they come. */
import type { ReturnValue } from '@keywitness/crypto-unit/ep11/return-values'
import type { Receipt } from './audit.ts'
import { certificateManagerErrors, clientCertificateErrors } from './certificate-errors.ts'
import type { ResultReason } from './kmip/ttlv/enumerations.ts'
import type { Change } from './store/store.ts'

export interface ErrorSpec {
  readonly status: number
  /** Text for people; never holds anything the caller sent. */
  readonly message: string
  /** Code in the token endpoint's form of error (reference: kms-rest-api.md, section 3.3). */
  readonly issuer?: string
  /** Code in Key Protect's form of error, where that has no code of its own for this. */
  readonly kms?: string
  /** KMIP result reason, where KMIP clients can meet it; any other error is a General Failure to them. */
  readonly kmip?: ResultReason
  /** PKCS #11 return value, where clients of EP11 can meet it; any other error is CKR_GENERAL_ERROR to them. */
  readonly ckr?: ReturnValue
}

/** Codes of the key management API are those of Key Protect (reference: kms-rest-api.md, section 5.3). */
export const errors = {
  MALFORMED_REQUEST: { status: 400, message: 'The request is not well-formed HTTP.' },
  BAD_BODY_ERR: { status: 400, message: 'The body is not valid JSON of the expected shape.' },
  NO_BODY_ERR: { status: 400, message: 'This request needs a body.' },
  INVALID_FIELD_ERR: { status: 400, message: 'A member of the body is not valid.', ckr: 'CKR_ARGUMENTS_BAD' },
  INVALID_QUERY_PARAM_ERR: { status: 400, message: 'A query parameter is not valid.' },
  INSTANCE_REQUIRED: {
    status: 400,
    message: 'The header Bluemix-Instance must name a service instance.',
    kms: 'INVALID_FIELD_ERR',
  },
  MASTER_KEY_IN_USE: {
    status: 400,
    message:
      'Keys are wrapped under the current master key: rotate it, so that they are wrapped under the new one first.',
  },
  ROTATION_UNDER_WAY: {
    status: 400,
    message:
      'The master key is being rotated: until everything is wrapped anew, no crypto unit may give up either key.',
  },
  ROTATION_NOT_POSSIBLE: {
    status: 400,
    message: 'Each crypto unit must have the same valid master key and the same committed new one.',
  },
  FAILOVER_REGION: {
    status: 400,
    message: 'Failover crypto units stand in another location of this server than the instance.',
  },
  FAILOVER_COUNT: {
    status: 400,
    message: 'An instance has 2 or 3 failover crypto units, and no more than operational ones.',
  },
  KEY_ROOT_REQ_ERR: { status: 400, message: 'This action needs a root key.' },
  KEY_PAYLOAD_REQ_ERR: { status: 400, message: 'Rotating an imported key needs a payload.' },
  KEY_RESTORE_EXPIRED: { status: 400, message: 'The key was deleted too long ago to be restored.' },
  KEY_EXPIRED_ERR: { status: 400, message: 'The key has expired.' },
  KEY_SEARCH_TOO_BROAD: { status: 400, message: 'The search would look at too many keys; narrow it.' },
  COLLECTION_TOTAL_MISMATCH_ERR: { status: 400, message: 'collectionTotal is not the number of resources.' },
  BODY_QUERY_PARAM_MISMATCH_ERR: { status: 400, message: 'The body holds another policy than the query names.' },
  NUM_COLLECTION_RESOURCE_ERR: { status: 400, message: 'The query names one policy, and the body holds several.' },
  INCORRECT_NONCE_ERR: { status: 400, message: "The encrypted nonce is not the import token's." },
  INCORRECT_NONCE_IV_ERR: {
    status: 400,
    message: 'The iv of the encrypted nonce is wrong, or one of the two is missing.',
  },
  GRANT_PROPERTY_MISSING: { status: 400, message: 'Property missing or empty.', issuer: 'BXNIM0109E' },
  API_KEY_NOT_FOUND: { status: 400, message: 'Provided API key could not be found.', issuer: 'BXNIM0415E' },
  KMIP_INVALID_MESSAGE: { status: 400, message: 'The message is not well-formed KMIP.', kmip: 'InvalidMessage' },
  KMIP_INVALID_FIELD: { status: 400, message: 'A field of the request is not valid.', kmip: 'InvalidField' },
  KMIP_MISSING_DATA: { status: 400, message: 'The request lacks a field that it needs.', kmip: 'MissingData' },
  KMIP_RESPONSE_TOO_LARGE: {
    status: 400,
    message: 'The response is larger than the client takes.',
    kmip: 'ResponseTooLarge',
  },
  KMIP_OPERATION_NOT_SUPPORTED: {
    status: 400,
    message: 'The operation is not supported.',
    kmip: 'OperationNotSupported',
  },
  KMIP_FEATURE_NOT_SUPPORTED: { status: 400, message: 'The feature is not supported.', kmip: 'FeatureNotSupported' },
  KMIP_ILLEGAL_OPERATION: {
    status: 400,
    message: 'The object, or its state, does not allow this.',
    kmip: 'IllegalOperation',
  },
  KMIP_INDEX_OUT_OF_BOUNDS: {
    status: 400,
    message: 'The object has as many of these attributes as it may.',
    kmip: 'IndexOutOfBounds',
  },
  KMIP_NAMESPACE_NOT_SUPPORTED: {
    status: 400,
    message: 'The server makes no data for this application namespace.',
    kmip: 'ApplicationNamespaceNotSupported',
  },
  KMIP_KEY_FORMAT_NOT_SUPPORTED: {
    status: 400,
    message: 'The key is not available in this format.',
    kmip: 'KeyFormatTypeNotSupported',
  },
  KMIP_KEY_COMPRESSION_NOT_SUPPORTED: {
    status: 400,
    message: 'The key is not available in this compression.',
    kmip: 'KeyCompressionTypeNotSupported',
  },
  KMIP_ENCODING_OPTION: {
    status: 400,
    message: 'The encoding option does not go with the rest of the request.',
    kmip: 'EncodingOptionError',
  },
  KMIP_KEY_VALUE_NOT_PRESENT: {
    status: 400,
    message: 'The server has no value of this key.',
    kmip: 'KeyValueNotPresent',
  },
  KEYSTORE_ATTRIBUTES: {
    status: 400,
    message: 'The attributes do not fit the object, or each other.',
    ckr: 'CKR_TEMPLATE_INCONSISTENT',
  },
  KEYSTORE_SECRET_ATTRIBUTE: {
    status: 400,
    message: 'Key material is no attribute that is kept or searched for: it is in the object itself.',
    ckr: 'CKR_ATTRIBUTE_SENSITIVE',
  },
  KEYSTORE_PRIVATE_OBJECT: {
    status: 400,
    message: 'An object with CKA_PRIVATE is kept in a private keystore only.',
    ckr: 'CKR_TEMPLATE_INCONSISTENT',
  },
  KEYSTORE_BLOB_BROKEN: {
    status: 400,
    message: 'The object was not made by the crypto units of this instance, or was altered.',
    ckr: 'CKR_IBM_BLOB_ERROR',
  },
  KEYSTORE_PAGE_TOKEN: {
    status: 400,
    message: 'The page token belongs to another question, or is none.',
    ckr: 'CKR_ARGUMENTS_BAD',
  },
  EP11_CANNOT_UNMARSHAL: {
    status: 400,
    message: 'The message is not well-formed, or not of this method.',
    ckr: 'CKR_GREP11_CANNOT_UNMARSHAL',
  },
  EP11_METHOD_UNKNOWN: {
    status: 400,
    message: 'There is no such method.',
    ckr: 'CKR_FUNCTION_NOT_SUPPORTED',
  },
  EP11_MESSAGE_UNSUPPORTED: { status: 400, message: 'A call takes one message.', ckr: 'CKR_FUNCTION_NOT_SUPPORTED' },
  EP11_INSTANCE_CONFLICT: { status: 400, message: 'The call names two instances.', ckr: 'CKR_ARGUMENTS_BAD' },
  UNAUTHORIZED_ERR: { status: 401, message: 'The caller may not do this here.', kmip: 'PermissionDenied' },
  UNAUTHENTICATED: {
    status: 401,
    message: 'The credentials are missing, expired or not valid.',
    ckr: 'CKR_GREP11_NOT_AUTHENTICATED',
  },
  ...clientCertificateErrors,
  SIGN_IN_REFUSED: { status: 401, message: 'The sign-in link or API key is not valid.' },
  KMIP_UNKNOWN_CERTIFICATE: {
    status: 401,
    message: 'The client certificate belongs to no KMIP adapter.',
    kmip: 'AuthenticationNotSuccessful',
  },
  KMIP_NO_CERTIFICATE: {
    status: 401,
    message: 'The client showed no certificate.',
    kmip: 'AuthenticationNotSuccessful',
  },
  KMIP_CERTIFICATE_WEAK: {
    status: 401,
    message: 'The key of the client certificate is too weak: RSA needs 2048 bits, a curve the strength of P-256.',
    kmip: 'AuthenticationNotSuccessful',
  },
  KMIP_CERTIFICATE_EXPIRED: {
    status: 401,
    message: 'The client certificate has expired, or is not valid yet.',
    kmip: 'AuthenticationNotSuccessful',
  },
  CROSS_SITE_REFUSED: { status: 403, message: 'A request with the console session must come from the console.' },
  PEOPLE_ONLY: { status: 403, message: 'Only people may do this; a service ID is nobody’s second person.' },
  SECOND_PERSON_REQUIRED: { status: 403, message: 'Another person must approve what you have proposed.' },
  SERVICE_ONLY_ERR: { status: 403, message: 'Only services may do this.' },
  RESOURCE_OWNER_ERR: { status: 403, message: 'Another service has registered this resource.' },
  ...certificateManagerErrors,
  EP11_UNAUTHORIZED: { status: 403, message: 'The caller may not do this here.', ckr: 'CKR_FUNCTION_REJECTED' },
  KMIP_ROOT_KEY_UNAVAILABLE: {
    status: 403,
    message: 'The root key of the KMIP adapter is not active.',
    kmip: 'PermissionDenied',
  },
  KMIP_SENSITIVE: { status: 403, message: 'The key is sensitive: it leaves wrapped only.', kmip: 'Sensitive' },
  KMIP_NOT_EXTRACTABLE: { status: 403, message: 'The key is not extractable.', kmip: 'NotExtractable' },
  KEY_NOT_FOUND_ERR: { status: 404, message: 'There is no such key.' },
  NOT_FOUND: { status: 404, message: 'There is no such resource.', ckr: 'CKR_GREP11_MISSING' },
  KMIP_ITEM_NOT_FOUND: { status: 404, message: 'There is no such object.', kmip: 'ItemNotFound' },
  TRACKER_ELSEWHERE: {
    status: 421,
    message: 'The events of this location are kept by another server; ask there.',
  },
  TRACKER_UNREACHABLE: { status: 424, message: 'The other server cannot be reached, or does not take our events.' },
  SEARCH_WITHDRAWN: { status: 408, message: 'The client left before its search was answered.' },
  EXPORT_BROKEN_OFF: { status: 408, message: 'The client left before its export was complete.' },
  KEY_ACTION_INVALID_STATE_ERR: { status: 409, message: "The key's state does not allow this action." },
  KEY_ROTATION_NOT_PERMITTED: { status: 409, message: 'The key was rotated less than an hour ago.' },
  REQ_TOO_EARLY_ERR: { status: 409, message: 'This action is not permitted yet.' },
  PREV_KEY_DEL_ERR: { status: 409, message: 'The key protects a resource with a retention policy.' },
  PROTECTED_RESOURCE_ERR: { status: 409, message: 'The key protects cloud resources.' },
  KMIP_ADAPTER_USES_KEY: {
    status: 409,
    message: 'A KMIP adapter uses the key; force does not delete it either.',
    kms: 'PROTECTED_RESOURCE_ERR',
  },
  AUTHORIZATIONS_NOT_MET: { status: 409, message: 'Another person must authorise the deletion of this key first.' },
  NOT_DUAL_AUTH_ERR: { status: 409, message: 'The key has no dual authorisation policy.' },
  KEY_RING_NOT_EMPTY_ERR: { status: 409, message: 'The key ring holds keys.' },
  KEY_CREATE_IMPORT_ACCESS_ERR: { status: 409, message: "The instance's policy forbids making a key in this way." },
  IMPORT_TOKEN_EXPIRED_ERR: {
    status: 409,
    message: 'The import token has expired, or was retrieved as often as it may be.',
  },
  CONFLICT: {
    status: 409,
    message: 'The resource was changed at the same time; try again.',
    ckr: 'CKR_GREP11_CONFLICT',
  },
  FAILOVER_ENABLED: { status: 409, message: 'The instance has failover crypto units already.' },
  ALREADY_EXISTS: { status: 409, message: 'There is such a resource already.', ckr: 'CKR_GREP11_CONFLICT' },
  KEYSTORE_STALE: {
    status: 409,
    message: 'The version that the request names is not the one there is.',
    ckr: 'CKR_GREP11_CONFLICT',
  },
  KEYSTORE_REPLAY: {
    status: 409,
    message: 'Something else was written under this TxID.',
    ckr: 'CKR_GREP11_REPLAY',
  },
  KEYSTORE_NOT_MODIFIABLE: {
    status: 409,
    message: 'The object is not modifiable.',
    ckr: 'CKR_ACTION_PROHIBITED',
  },
  KEYSTORE_NOT_DESTROYABLE: {
    status: 409,
    message: 'The object is not destroyable: it goes with its keystore only.',
    ckr: 'CKR_ACTION_PROHIBITED',
  },
  KEYSTORE_OTHER_MASTER_KEY: {
    status: 409,
    message: 'The object is under another master key than the one in force.',
    ckr: 'CKR_IBM_WKID_MISMATCH',
  },
  KEYSTORE_SESSION: {
    status: 409,
    message: 'Keys of an authenticated keystore are made in its login session, and those of others in none.',
    ckr: 'CKR_SESSION_CLOSED',
  },
  CERT_KEY_EXISTS: {
    status: 409,
    message: 'The administrator has a key already: it is replaced by a command that it signs.',
  },
  CERT_KEY_MISSING: { status: 409, message: 'The administrator has no signature key: create one first.' },
  CERT_NOTHING_TO_RECOVER: { status: 409, message: 'The administrator has nothing that this would remove.' },
  QUOTA_EXCEEDED: {
    status: 409,
    message: 'The account has as many of these as it may have.',
    kmip: 'PermissionDenied',
  },
  KMIP_OBJECTS_REMAIN: { status: 409, message: 'The KMIP adapter still has objects that are not destroyed.' },
  KMIP_OBJECT_ACTIVE: { status: 409, message: 'The KMIP object is active.' },
  KMIP_WRONG_STATE: { status: 409, message: 'The state of the object does not allow this.', kmip: 'PermissionDenied' },
  KMIP_NOT_PERMITTED: {
    status: 409,
    message: 'The attributes of the object do not allow this.',
    kmip: 'PermissionDenied',
  },
  KMIP_NAME_TAKEN: { status: 409, message: 'Another object has this name.', kmip: 'InvalidField' },
  KMIP_BATCH_UNDONE: { status: 409, message: 'A later item of the batch failed, and this one was taken back.' },
  LAST_ADMINISTRATOR: { status: 409, message: 'This would leave the account without an administrator.' },
  ACKNOWLEDGEMENT_CLOSED: {
    status: 409,
    message: 'This event is acknowledged otherwise already, or its time is over.',
  },
  VERIFICATION_RUNNING: { status: 409, message: 'A verification of this log waits or runs already.' },
  LOG_KEY_CHANGING: { status: 409, message: 'Two keys sign the log: its last change of key is not over.' },
  TWO_PEOPLE_REQUIRED: { status: 409, message: 'This weakens the audit and takes two people: propose it.' },
  HOLD_OPEN: { status: 409, message: 'A legal hold is open on the tracker; it must be released first.' },
  ONE_PERSON_ENOUGH: {
    status: 409,
    message: 'This does not weaken the audit, or changes nothing: no second person is needed.',
  },
  RULE_NEEDS: { status: 409, message: 'The rule needs something before it can be turned on.' },
  ALERT_CLOSED: { status: 409, message: 'The alert is closed; open it again first.' },
  ALERT_NOT_CLOSED: { status: 409, message: 'The alert is open.' },
  IN_USE: { status: 409, message: 'Something still uses it.' },
  PROPOSAL_CLOSED: { status: 409, message: 'The proposal was approved, withdrawn or has lapsed.' },
  PROPOSAL_OUTDATED: { status: 409, message: 'What the proposal would change has changed since it was made.' },
  PROPOSER_WITHOUT_RIGHT: { status: 409, message: 'Who made the proposal may not propose this any more.' },
  TRACKER_CLOSING: {
    status: 409,
    message: 'The tracker that was removed here is still taking what was recorded for it; try again in a moment.',
  },
  PRODUCER_RELEASED: {
    status: 409,
    message: 'An administrator took these numbers from who delivered them, and has not admitted them again.',
  },
  LOG_SET_BACK: {
    status: 409,
    message: 'The log is behind what was delivered to it: it was set back to an older copy.',
  },
  NOT_COVERED: { status: 409, message: 'No signed checkpoint covers this event yet; try again in a second.' },
  ENTRIES_PRUNED: {
    status: 410,
    message: 'These entries left the log by its retention; its signed minimum index says so.',
  },
  KEY_DELETED_ERR: { status: 410, message: 'The key has been deleted.' },
  KMIP_OBJECT_DESTROYED: { status: 410, message: 'The KMIP object is destroyed already.' },
  PRECONDITION_FAILED: { status: 412, message: 'The resource was changed since its ETag was read.' },
  BODY_TOO_LARGE: { status: 413, message: 'The body is larger than allowed.' },
  UNPROCESSABLE_CIPHERTEXT_ERR: {
    status: 422,
    message: 'The ciphertext was not made by this key, or was altered.',
    kmip: 'CryptographicFailure',
  },
  KEY_INVALID_STATE_ERR: { status: 422, message: 'Resources are registered with active keys only.' },
  KEY_ROOT_REQ_REG_ERR: { status: 422, message: 'Resources are registered with root keys only.' },
  KEY_VERSION_INVALID: { status: 422, message: 'The key has no such version, or it is older than the registered one.' },
  KMIP_CRYPTOGRAPHIC_FAILURE: {
    status: 422,
    message: 'The key, its parameters and the data do not fit together.',
    kmip: 'CryptographicFailure',
  },
  EP11_TOO_LONG: { status: 429, message: 'The message is too long.', ckr: 'CKR_IBM_TRANSPORT_LIMIT' },
  TOO_MANY_REQUESTS: { status: 429, message: 'Too many requests.', ckr: 'CKR_IBM_TRANSPORT_LIMIT' },
  INTERNAL: { status: 500, message: 'The service failed; the cause is in its log under the correlation id.' },
  KMIP_ROOT_KEY_GONE: {
    status: 500,
    message: 'The root key of the KMIP adapter is destroyed, and what it wrapped with it.',
    kmip: 'CryptographicFailure',
  },
  UNIT_UNAVAILABLE: { status: 503, message: 'No crypto unit can do this now.', ckr: 'CKR_DEVICE_REMOVED' },
  AUDIT_UNAVAILABLE: {
    status: 503,
    message: 'The call could not be recorded in time; nothing was changed.',
    ckr: 'CKR_DEVICE_REMOVED',
  },
  EXPORT_STOPPED: { status: 503, message: 'The server stopped before the export was complete.' },
  SEARCH_CANCELLED: { status: 503, message: 'The search took too long or was cancelled; narrow its time range.' },
  STORAGE_FULL: {
    status: 507,
    message: 'There is no room left to record this call; nothing was changed.',
    ckr: 'CKR_DEVICE_MEMORY',
  },
} as const satisfies Record<string, ErrorSpec>

export type ErrorCode = keyof typeof errors

/** A refusal in the product's own words. The listener turns it into its protocol's form. */
/** Names the member or query parameter at fault, never its value. */
export interface FaultPlace {
  readonly type: 'field' | 'query_param'
  readonly name: string
  /** Characters of the value that are at fault, from 0, in UTF-16 units. */
  readonly from?: number
  readonly length?: number
}

export class Refusal extends Error {
  readonly code: ErrorCode
  readonly status: number
  readonly at: FaultPlace | undefined
  /** Whether the request does not even say what is wanted; see `malformed`. */
  isMalformed = false
  /** The event that witnesses this refusal, once recorded. */
  receipt: Receipt | undefined
  /** What being refused uses up, such as a nonce: recorded with the refusal. What is used up already is decided again. */
  spends: readonly Change[] = []

  constructor(code: ErrorCode, options: { message?: string; at?: FaultPlace; cause?: unknown } = {}) {
    super(options.message ?? errors[code].message, { cause: options.cause })
    this.name = 'Refusal'
    this.code = code
    this.status = errors[code].status
    this.at = options.at
  }
}
