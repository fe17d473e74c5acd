/** Explanations that several actions share: the seed's "Analyzing failed events", and ours for the other codes. */
import type { ExplanationSpec } from './entry.ts'

/** Lifecycle actions on a key with registrations. */
export const lifecycle = [
  {
    when: { outcome: 'failure', codes: [409], present: ['reasonForFailure'] },
    meaning: "The adopting service's key state conflicts with the key state recorded here.",
    remedy:
      'Read reasonForFailure and resourceCRN of the response data: they name the cause and the resource. Bring the resource and the key to the same state (synchronize the key), then repeat the action.',
    call: 'GET /api/v2/keys/{id}/registrations',
    source: 'seed',
  },
  {
    when: { outcome: 'failure', codes: [408] },
    meaning: 'The service was not notified within 4 hours that all adopting services had done their part.',
    remedy:
      'Read reasonForFailure and resourceCRN of the response data to learn which resource did not answer, ask the owner of that service, then repeat the action.',
    call: 'GET /api/v2/keys/{id}/registrations',
    source: 'seed',
  },
] as const satisfies readonly ExplanationSpec[]

const forbidden = {
  when: { outcome: 'failure', codes: [409] },
  meaning: 'The current state of the key, or a rule about waiting times, does not allow this action.',
  remedy: 'Read the state of the key and when it last changed, and repeat the action when both allow it.',
  call: 'GET /api/v2/keys/{id}/metadata',
  source: 'key-protect',
} as const satisfies ExplanationSpec

export const deletedKey = {
  when: { outcome: 'failure', codes: [410] },
  meaning: 'The key has been deleted.',
  remedy: 'Restore the key within 30 days of its deletion, or use another key.',
  call: 'POST /api/v2/keys/{id}/restore',
  source: 'key-protect',
} as const satisfies ExplanationSpec

/** The state of the key forbids its use. */
export const invalidState = [forbidden, deletedKey] as const satisfies readonly ExplanationSpec[]

/** The same for lifecycle actions, whose 409 is explained otherwise when an adopting service was the reason. */
export const invalidLifecycleState = [
  { ...forbidden, when: { ...forbidden.when, absent: ['reasonForFailure'] } },
  deletedKey,
] as const satisfies readonly ExplanationSpec[]

export const withoutToken = {
  when: { outcome: 'failure', codes: [409] },
  meaning:
    'The instance takes imported material by an import token only, or the import token has expired or was replaced.',
  remedy:
    'Read the reason for failure. Create an import token, retrieve it, encrypt the material and the nonce anew, and repeat the request before the token expires.',
  call: 'POST /api/v2/import_token',
  source: 'key-protect',
} as const satisfies ExplanationSpec

export const unopened = {
  when: { outcome: 'failure', codes: [400] },
  meaning: 'The request was not well formed, or its encrypted material does not open with the import token.',
  remedy:
    'Read the reason for failure. For encrypted material check that the nonce is the one of the current import token, that nonce and iv are both sent, and that encryptionAlgorithm names the hash that was used.',
  call: 'GET /api/v2/import_token',
  source: 'key-protect',
} as const satisfies ExplanationSpec

/** Material that came by an import token, or should have. */
export const importing = [withoutToken, unopened] as const satisfies readonly ExplanationSpec[]

/** The same for lifecycle actions, whose 409 is explained otherwise when an adopting service was the reason. */
export const importingVersion = [
  { ...withoutToken, when: { ...withoutToken.when, absent: ['reasonForFailure'] } },
  unopened,
] as const satisfies readonly ExplanationSpec[]

/** Of single refusals, whatever the action. */
const refusals = [
  {
    when: { outcome: 'failure', codes: [400], refusals: ['INSTANCE_REQUIRED'] },
    meaning: 'The request named no service instance.',
    remedy: 'Send the GUID of the instance in the header Bluemix-Instance.',
    call: 'GET /v1/instances',
    source: 'extension',
  },
  {
    when: { outcome: 'failure', codes: [403], refusals: ['SERVICE_ONLY_ERR'] },
    meaning: 'Only services may do this, and the caller is a person. Its roles are not the cause.',
    remedy: 'Make the request with an API key of a service ID: of the service that has registered the resource.',
    call: 'GET /v1/iam/service-ids',
    source: 'key-protect',
  },
  {
    when: { outcome: 'failure', codes: [403], refusals: ['CROSS_SITE_REFUSED'] },
    meaning: 'A request with the session of the console did not come from the console. Roles are not the cause.',
    remedy:
      'Ask the person whose session it was. If nothing was done in the console, another site may have tried to use the session: look at the events of this caller, and sign the session out.',
    source: 'extension',
  },
  {
    when: { outcome: 'failure', codes: [409], refusals: ['CONFLICT'] },
    meaning:
      'Other requests changed the same things at the same time, again and again. Nothing was changed by this one.',
    remedy: 'Read what is there now, and repeat the request if it is still needed.',
    source: 'extension',
  },
  {
    when: { outcome: 'failure', codes: [409], refusals: ['LAST_ADMINISTRATOR'] },
    meaning: 'The change would have left the account without an administrator.',
    remedy: 'Grant the role Administrator to somebody else first.',
    call: 'GET /v1/iam/roles',
    source: 'extension',
  },
  {
    when: { outcome: 'failure', codes: [503], refusals: ['UNIT_UNAVAILABLE'] },
    meaning:
      'No crypto unit of the instance could do this: none answered in time, or none holds the master key that it takes.',
    remedy:
      'Look at the state of each crypto unit. One without a master key gets it from its administrators: loaded from key parts, or copied from a recovery unit. If none answers, look into the log of the service.',
    call: 'keywitness tke cryptounits',
    source: 'extension',
  },
] as const satisfies readonly ExplanationSpec[]

/** Requests that do not say what is wanted: the families' invalid request events. */
export const invalidRequest = [
  {
    when: { outcome: 'failure', codes: [400, 413] },
    meaning:
      'The request does not say what is wanted: its body or path cannot be read, or what it is about has no name or kind.',
    remedy: 'Read the reason for failure, and compare the request with the description of the API.',
    call: 'GET /openapi.json',
    source: 'key-protect',
  },
  {
    when: { outcome: 'failure', codes: [404] },
    meaning: 'No operation of the API has this method and path.',
    remedy:
      'Compare method and path with the description of the API. Many of these from one caller can mean that somebody is looking for what there is.',
    call: 'GET /openapi.json',
    source: 'key-protect',
  },
] as const satisfies readonly ExplanationSpec[]

/** What a refusal or a status code means for any action that has no explanation of its own for it. */
export const generalExplanations = [
  {
    when: { outcome: 'failure', codes: [401] },
    meaning:
      'The caller might not have the authorization to perform this action in this service instance, or the token is not valid. Callers without a right get 401 too, so that nobody learns what exists; so do callers from a network or address that a policy of the instance does not allow.',
    remedy:
      'Verify with an administrator that the right roles are assigned in this service instance, and check that the token is valid and belongs to an account that may perform the action. If the reason for failure speaks of a network or an address, connect from an allowed one.',
    call: 'GET /v1/iam/roles',
    source: 'seed',
  },
  {
    when: { outcome: 'failure', codes: [403] },
    meaning: 'The caller is known, but its roles do not allow this action.',
    remedy: 'Verify with an administrator that the right roles are assigned.',
    call: 'GET /v1/iam/roles',
    source: 'seed',
  },
  {
    when: { outcome: 'failure', codes: [400] },
    meaning: 'The request was not well formed or one of its values is not allowed.',
    remedy: 'Read the reason for failure: it names the member or parameter at fault.',
    source: 'key-protect',
  },
  {
    when: { outcome: 'failure', codes: [404] },
    meaning: 'The instance has no such resource.',
    remedy:
      'Check the identifier and the instance named by the request. Many of these from one caller can mean that somebody is guessing identifiers.',
    source: 'key-protect',
  },
  {
    when: { outcome: 'failure', codes: [409] },
    meaning: 'The state of the resource, or a policy, does not allow this action.',
    remedy: 'Read the reason for failure, then the state and the policies of the resource.',
    source: 'key-protect',
  },
  {
    when: { outcome: 'failure', codes: [408] },
    meaning: 'The request did not arrive whole in time.',
    remedy: 'Repeat the request.',
    source: 'extension',
  },
  {
    when: { outcome: 'failure', codes: [410] },
    meaning: 'What the request is about existed once and has been deleted.',
    remedy: 'Search the events of the same target: one of them says who deleted it and when.',
    source: 'extension',
  },
  {
    when: { outcome: 'failure', codes: [412] },
    meaning: 'The resource was changed after the caller had read it.',
    remedy: 'Read it again and repeat the change on what is there now.',
    source: 'extension',
  },
  {
    when: { outcome: 'failure', codes: [422] },
    meaning: 'The request is well formed, but what it holds cannot be processed.',
    remedy: 'Read the reason for failure: it names what does not fit.',
    source: 'key-protect',
  },
  {
    when: { outcome: 'failure', codes: [413, 431] },
    meaning: 'The request was larger than allowed.',
    remedy: 'Send less in one request.',
    source: 'extension',
  },
  {
    when: { outcome: 'failure', codes: [421] },
    meaning: 'What was asked for is kept by another server, and only that server can answer.',
    remedy: 'Ask the server that the list of trackers names for this location.',
    call: 'GET /v1/trackers',
    source: 'extension',
  },
  {
    when: { outcome: 'failure', codes: [424] },
    meaning: 'Another server that the request depends on could not be reached, or refused.',
    remedy:
      'Read the reason for failure; look at the address, certificate and API key of the other server, then repeat.',
    source: 'extension',
  },
  {
    when: { outcome: 'failure', codes: [429] },
    meaning: 'The caller made too many requests.',
    remedy: 'Repeat the request more slowly, waiting longer after each refusal.',
    source: 'key-protect',
  },
  {
    when: { outcome: 'failure', codes: [500] },
    meaning: 'The service failed; nothing the caller sent is to blame.',
    remedy: 'Look for the correlation id in the log of the service.',
    source: 'extension',
  },
  {
    when: { outcome: 'failure', codes: [502, 503, 504] },
    meaning: 'A part of the service could not be reached in time, and nothing was changed.',
    remedy: 'Repeat the request. If it goes on, look at the health of the crypto units and of the audit trail.',
    call: 'GET /readyz',
    source: 'extension',
  },
  {
    when: { outcome: 'failure', codes: [507] },
    meaning: 'The service has no room left to store or to record.',
    remedy: 'Free disk space where the data folder is.',
    source: 'extension',
  },
  ...refusals,
] as const satisfies readonly ExplanationSpec[]
