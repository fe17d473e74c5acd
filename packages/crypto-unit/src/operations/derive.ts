/** DERIVE: a key derived from a sealed one, sealed itself; of its material only its SHA-256 is answered. */
import { createHash } from 'node:crypto'
import { readDerivation } from '../derivation.ts'
import { derivedMaterial } from '../derived-material.ts'
import { Fields, ProtocolError } from '../frames.ts'
import { readNamedBlob } from '../key-blob.ts'
import { materialForms } from '../key-use.ts'
import { rootKey, type LaterOperation } from '../operation.ts'
import { MATERIAL_AAD_BYTES_MAX } from '../protocol.ts'
import { openSealedKey, readSealedKey } from '../sealed-key.ts'
import { putSealed } from '../sealed-text.ts'
import { inTurn } from '../slow-work.ts'

export const derive: LaterOperation = (asked, _answer, holdings) => {
  // The frame is gone before the key is there. Nothing in it is secret: base and root key are encrypted.
  const request = new Fields(Buffer.from(asked.bytesAll))
  const stored = readNamedBlob(request)
  const aad = request.bytes(MATERIAL_AAD_BYTES_MAX)
  const base = readSealedKey(request)
  const derivation = readDerivation(request)
  const form = materialForms[request.u8()]
  const count = request.u32()
  request.end()
  if (form === undefined) throw new ProtocolError('MALFORMED', 'A form of key material is not known.')
  rootKey(stored, holdings)
  const opened = openSealedKey(base, holdings)
  const make = () => derivedMaterial(opened, derivation, count, form)
  // Only passwords take their time.
  const making = derivation.method === 'PBKDF2' ? inTurn(holdings, stored.instance, make) : make()
  const made = making.finally(() => opened.fill(0))
  return made.then((material) => (answer) => {
    try {
      putSealed(answer, rootKey(stored, holdings), material, aad, holdings.ivs)
      answer.raw(createHash('sha256').update(material).digest())
    } finally {
      material.fill(0)
    }
  })
}
