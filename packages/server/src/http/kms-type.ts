/** Media types of the key API's answers: published clients read by them whether they get an object or the response itself. */

const named = (kind: string): string => `application/vnd.ibm.kms.${kind}+json`

/** Of answers that are no collection, and so do not say what they are. */
const bareTypes: Readonly<Record<string, string>> = {
  'hs-crypto.secrets.wrap': named('key_action'),
  'hs-crypto.secrets.unwrap': named('key_action'),
  'hs-crypto.secrets.rewrap': named('key_action'),
  'hs-crypto.import-token.create': named('import_token'),
  'hs-crypto.import-token.read': named('import_token'),
}

/** What a collection says it is, or what is known of a bare answer; undefined: plain JSON. */
export function kmsTypeOf(action: string | undefined, body: object): string | undefined {
  const { metadata } = body as { metadata?: { collectionType?: unknown } }
  const said = metadata?.collectionType
  if (typeof said === 'string') return said
  return bareTypes[action ?? '']
}
