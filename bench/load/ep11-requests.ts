/** What the rows of EP11 send: calls on keys made for it, each made once to know what it answers. */
import { mechanisms, type MechanismName } from '@keywitness/crypto-unit/ep11/mechanisms'
import { connectEp11 } from '../../packages/testkit/src/index.ts'
import type { GrpcRequest } from './grpc-load.ts'
import type { LoadedProduct } from './product.ts'

/** AES-256-CBC of 1 KiB, and ECDSA on P-256 with SHA-256 over as much. */
export type Ep11Call = 'encrypt' | 'sign'
export type Ep11Requests = Readonly<Record<Ep11Call, GrpcRequest>>

const dataBytes = 1024
/** PKCS #11: CKA_VALUE_LEN, CKA_EC_PARAMS. */
const valueLength = 0x161
const ecParameters = 0x180

function mechanism(name: MechanismName, parameter?: Buffer): object {
  const { value } = mechanisms[name]
  return parameter === undefined ? { Mechanism: value } : { Mechanism: value, ParameterB: parameter }
}

/** Makes the keys, calls once, and holds the answers against what decrypts and verifies. */
export async function ep11Requests({ product, client }: LoadedProduct): Promise<Ep11Requests> {
  const { token } = client
  const grpc = connectEp11(product, client)
  const ask = async (name: string, request: object, field: string): Promise<Buffer> =>
    (await grpc.ask(name, { ...request }))[field] as Buffer
  const data = Buffer.alloc(dataBytes, 'keywitness-bench')
  const { Key: key } = await grpc.ask('GenerateKey', {
    Mech: mechanism('CKM_AES_KEY_GEN'),
    Template: { [valueLength]: { AttributeI: 32 } },
  })
  const pair = await grpc.ask('GenerateKeyPair', {
    Mech: mechanism('CKM_EC_KEY_PAIR_GEN'),
    PubKeyTemplate: { [ecParameters]: { AttributeB: Buffer.from('P-256') } },
  })
  const cbc = mechanism('CKM_AES_CBC', Buffer.alloc(16, 7))
  const ecdsa = mechanism('CKM_ECDSA_SHA256')
  const encrypt = { Mech: cbc, Plain: data, Key: key }
  const sign = { Mech: ecdsa, Data: data, PrivKey: pair['PrivKey'] }
  const ciphered = await ask('EncryptSingle', encrypt, 'Ciphered')
  const plain = await ask('DecryptSingle', { Mech: cbc, Ciphered: ciphered, Key: key }, 'Plain')
  if (!plain.equals(data)) throw new Error('decrypted to something else')
  const signature = await ask('SignSingle', sign, 'Signature')
  await grpc.ask('VerifySingle', { Mech: ecdsa, Data: data, Signature: signature, PubKey: pair['PubKey'] })
  const requestOf = async (name: string, request: object, isSame: boolean): Promise<GrpcRequest> => {
    const { path, bytes } = grpc.message(name, { ...request })
    let answer = Buffer.alloc(0)
    const { error } = await grpc.raw(path, bytes, {}, undefined, (got) => ((answer = Buffer.from(got)), {}))
    if (error !== undefined) throw error
    // A signature is another each time: what it is introduced by remains.
    const sameBytes = isSame ? answer.length : answer.length - signature.length
    return { address: product.ep11, path, token, message: bytes, answer, sameBytes }
  }
  const asked = {
    encrypt: await requestOf('EncryptSingle', encrypt, true),
    sign: await requestOf('SignSingle', sign, false),
  }
  if (Buffer.from(asked.encrypt.answer).indexOf(ciphered) < 0) throw new Error('encrypted to something else')
  grpc.close()
  return asked
}
