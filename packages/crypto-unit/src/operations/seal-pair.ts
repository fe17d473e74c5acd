/** SEAL_PAIR: a new key pair; the private key is answered sealed under a root key, with its SHA-256, the public one as it is. */
import { createHash } from 'node:crypto'
import { exportAsymmetric, isPrivateEncoding, keyEncodings } from '../asymmetric-key.ts'
import { Fields, ProtocolError } from '../frames.ts'
import { readNamedBlob } from '../key-blob.ts'
import { makeKeyPair, readKeyPairKind } from '../key-pair-kind.ts'
import { rootKey, type LaterOperation } from '../operation.ts'
import { MATERIAL_AAD_BYTES_MAX } from '../protocol.ts'
import { putSealed } from '../sealed-text.ts'
import { inTurn } from '../slow-work.ts'

export const sealPair: LaterOperation = (asked, _answer, holdings) => {
  // The frame is gone before the pair is there.
  const request = new Fields(Buffer.from(asked.bytesAll))
  const stored = readNamedBlob(request)
  const aad = request.bytes(MATERIAL_AAD_BYTES_MAX)
  const encoding = keyEncodings[request.u8()]
  const kind = readKeyPairKind(request)
  request.end()
  if (encoding === undefined || !isPrivateEncoding(encoding)) {
    throw new ProtocolError('MALFORMED', 'An encoding of private keys is not known.')
  }
  rootKey(stored, holdings)
  const making = kind.type === 'rsa' ? inTurn(holdings, stored.instance, () => makeKeyPair(kind)) : makeKeyPair(kind)
  return making.then(({ privateKey, publicKey }) => (answer) => {
    const material = exportAsymmetric(privateKey, encoding)
    try {
      // Opened anew: meanwhile its master key may have gone.
      putSealed(answer, rootKey(stored, holdings), material, aad, holdings.ivs)
      answer.raw(createHash('sha256').update(material).digest())
      answer.bytes(exportAsymmetric(publicKey, 'spki'))
    } finally {
      material.fill(0)
    }
  })
}
