/** Errors of the key management API in Key Protect's envelope (reference: kms-rest-api.md, section 5). */
import { STATUS_CODES } from 'node:http'
import { type ErrorSpec, errors, type Refusal } from '../errors.ts'

/** What could not be done, by action; anything else could not be performed (section 5.2). */
const phrases: Readonly<Record<string, string>> = {
  'hs-crypto.secrets.create': 'Key could not be created',
  'hs-crypto.secrets.delete': 'Key could not be deleted',
  'hs-crypto.secrets.restore': 'Key could not be restored',
  'hs-crypto.secrets.disable': 'Key could not be disabled',
  'hs-crypto.secrets.enable': 'Key could not be enabled',
  'hs-crypto.secrets.purge': 'Key could not be purged',
  'hs-crypto.secrets.sync': 'Sync requests to associated resources could not be initiated',
  'hs-crypto.secrets.wrap': 'Wrap with key could not be performed',
  'hs-crypto.secrets.unwrap': 'Unwrap with key could not be performed',
  'hs-crypto.policies.write': 'Key policy could not be created',
  'hs-crypto.instance-policies.write': 'Instance policy could not be created',
  'hs-crypto.import-token.create': 'Import Token could not be created',
  'hs-crypto.import-token.read': 'Import Token could not be retrieved',
  'hs-crypto.key-rings.create': 'Key ring could not be created',
  'hs-crypto.key-rings.delete': 'Key ring could not be deleted',
  'hs-crypto.kmip-management.create': 'KMIP resource could not be created',
  'hs-crypto.kmip-management.delete': 'KMIP resource could not be deleted',
}

/** What is said of any other action. */
function otherwise(action: string): string {
  const isOfKey = action.startsWith('hs-crypto.secrets')
  return isOfKey ? 'Action could not be performed on key' : 'Action could not be performed'
}

/**
 * The envelope. Clients recognise it by the member `errorMsg`; a 401 carries no reasons (section 3.5). `origin`: where the
 * description of the API is served.
 */
export function kmsError(refusal: Refusal, action: string | undefined, origin: string | undefined): object {
  const phrase = STATUS_CODES[refusal.status] ?? 'Error'
  const { kms }: ErrorSpec = errors[refusal.code]
  const code = kms ?? refusal.code
  const what = phrases[action ?? ''] ?? otherwise(action ?? '')
  const errorMsg =
    refusal.status === 401
      ? `${phrase}: The user does not have access to the specified resource`
      : `${phrase}: ${what}: Please see \`reasons\` for more details (${code})`
  const target = refusal.at === undefined ? {} : { target: { type: refusal.at.type, name: refusal.at.name } }
  const reason = {
    code,
    message: refusal.message,
    status: refusal.status,
    ...(origin === undefined ? {} : { moreInfo: `${origin}/docs` }),
    ...target,
  }
  return {
    metadata: { collectionType: 'application/vnd.ibm.kms.error+json', collectionTotal: 1 },
    resources: [{ errorMsg, ...(refusal.status === 401 ? {} : { reasons: [reason] }) }],
  }
}
