/** `mtlscert-admin-key.update`: a new key takes the place of the old one, which says so, and is none from then on. */
import { keyCommandBody } from '@keywitness/cadf'
import type { Operation } from '../audit.ts'
import type { OwnInstanceRequest } from '../http/instance-route.ts'
import { authoriseCommand, signerOf } from './admit.ts'
import type { CertificateParts } from './parts.ts'
import { badMember, readNextKey } from './request.ts'
import type { AdminKeyRow } from './rows.ts'
import { readSignatureKey } from './signature-key.ts'
import { readSignature, requireBody, spending, verifyProof } from './signed-command.ts'
import { replaceKey } from './store.ts'

export function updateAdminKey(
  request: OwnInstanceRequest,
  parts: CertificateParts,
): Operation<'hs-crypto.mtlscert-admin-key.update', AdminKeyRow> {
  return (seen) => {
    seen.request.accountId = request.caller.id
    const command = authoriseCommand(request, seen.request, parts)
    seen.request['initialValue.keyId'] = command.keyId
    const { publicKey, proof } = readNextKey(request.body())
    const { id, spki, key } = readSignatureKey(publicKey)
    Object.assign(seen.request, { 'newValue.keyId': id, publicKey })
    const proofBytes = readSignature(proof)
    if (proofBytes === undefined) throw badMember('proof', 'The proof must be base64 of an ECDSA signature in DER.')
    seen.request.proof = proof
    requireBody(command, keyCommandBody(publicKey, proof))
    if (id === command.keyId) throw badMember('publicKey', 'The new key is the one that it is to replace.')
    const old = signerOf(request, command, seen.request, parts)
    verifyProof(command, key, id, proofBytes)
    return spending(command, () => {
      const made = { ...old, keyId: id, publicKey: spki, createdAt: parts.clock.now() }
      seen.response.action = 'update'
      return { result: made, code: 200, changes: [replaceKey(old, made)] }
    })
  }
}
