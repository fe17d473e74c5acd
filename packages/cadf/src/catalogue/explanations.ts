/** Explanations that several actions share: the seed's "Analyzing failed events", and ours for the other codes. */
import type { ExplanationSpec } from './entry.ts'

/** Lifecycle actions on a key with registrations. */
export const lifecycle = [
  {
    when: { outcome: 'failure', codes: [409], present: ['reasonForFailure'] },
    meaning: "The adopting service's key state conflicts with the key state recorded here.",
    remedy:
      'Read reasonForFailure and resourceCRN of the response data: they name the cause and the resource. Bring the resource and the key to the same state (synchronise the key), then repeat the action.',
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

/** The state of the key forbids the action. */
export const invalidState = [
  {
    when: { outcome: 'failure', codes: [409], absent: ['reasonForFailure'] },
    meaning: 'The current state of the key, or a rule about waiting times, does not allow this action.',
    remedy: 'Read the state of the key and when it last changed, and repeat the action when both allow it.',
    call: 'GET /api/v2/keys/{id}/metadata',
    source: 'key-protect',
  },
  {
    when: { outcome: 'failure', codes: [410] },
    meaning: 'The key has been deleted.',
    remedy: 'Restore the key within 30 days of its deletion, or use another key.',
    call: 'POST /api/v2/keys/{id}/restore',
    source: 'key-protect',
  },
] as const satisfies readonly ExplanationSpec[]
