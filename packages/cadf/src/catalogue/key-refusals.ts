/** Explanations of single refusals of actions on keys: nearer to the cause than any status code. */
import type { ExplanationSpec } from './entry.ts'
import { unopened, withoutToken } from './explanations.ts'

export const keyRefusals = [
  {
    when: { outcome: 'failure', codes: [409], refusals: ['KEY_ACTION_INVALID_STATE_ERR'] },
    meaning: 'The current state of the key does not allow this action.',
    remedy:
      'Read the state of the key, and the reason for failure for the states that would do. A suspended key is enabled again; a deactivated one only opens what it has wrapped; only a destroyed one is restored or purged.',
    call: 'GET /api/v2/keys/{id}/metadata',
    source: 'key-protect',
  },
  {
    when: { outcome: 'failure', codes: [409], refusals: ['REQ_TOO_EARLY_ERR', 'KEY_ROTATION_NOT_PERMITTED'] },
    meaning: 'Too little time has passed since the last action on the key.',
    remedy:
      'Read how long to wait in the reason for failure and when the key last changed, and repeat the action then.',
    call: 'GET /api/v2/keys/{id}/metadata',
    source: 'key-protect',
  },
  {
    when: { outcome: 'failure', codes: [409], refusals: ['KEY_CREATE_IMPORT_ACCESS_ERR'] },
    meaning:
      'The key creation and importation policy of the instance does not allow keys of this kind to be created, imported or restored, or takes imported material by an import token only.',
    remedy:
      'Read the instance policy. Use a kind of key and a way that it allows, or ask a manager to change it; with enforce_token create an import token and send the material encrypted.',
    call: 'GET /api/v2/instance/policies?policy=keyCreateImportAccess',
    source: 'key-protect',
  },
  { ...withoutToken, when: { ...withoutToken.when, refusals: ['IMPORT_TOKEN_EXPIRED_ERR'] } },
  { ...unopened, when: { ...unopened.when, refusals: ['INCORRECT_NONCE_ERR', 'INCORRECT_NONCE_IV_ERR'] } },
  {
    when: { outcome: 'failure', codes: [409], refusals: ['ALREADY_EXISTS'] },
    meaning: 'A key of the instance has the alias already.',
    remedy: 'List the keys with their aliases. Choose another alias, or delete it where it stands.',
    call: 'GET /api/v2/keys?state=0,1,2,3,5',
    source: 'extension',
  },
  {
    when: { outcome: 'failure', codes: [409], refusals: ['QUOTA_EXCEEDED'] },
    meaning: 'The instance holds as many keys or aliases as it may, or the key as many versions or aliases.',
    remedy:
      'Read in the reason for failure what there is too much of. Purge destroyed keys that nobody will restore, delete aliases, or use another instance or key.',
    call: 'GET /api/v2/keys?state=5',
    source: 'extension',
  },
  {
    when: { outcome: 'failure', codes: [409], refusals: ['ACKNOWLEDGEMENT_CLOSED'] },
    meaning: 'The lifecycle action was acknowledged otherwise before, or the 4 hours for it are over.',
    remedy:
      'Nothing is left to acknowledge. Synchronize the key: the services are told again, and can acknowledge anew.',
    call: 'GET /v1/adopters',
    source: 'key-protect',
  },
] as const satisfies readonly ExplanationSpec[]
