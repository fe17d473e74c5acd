/** What clients of EP11 keep in a data folder that is kept as a fixture: keys in a keystore, which still do what they did. */
import { randomBytes } from 'node:crypto'
import type { Client } from './client.ts'
import { connectEp11 } from './ep11-client.ts'
import type { Product } from './product.ts'

/** PKCS #11. */
const CKM = { AES_KEY_GEN: 0x1080, AES_CBC_PAD: 0x1085, EC_KEY_PAIR_GEN: 0x1040, ECDSA_SHA256: 0x1044 } as const
const CKA = { VALUE_LEN: 0x161, EC_PARAMS: 0x180, TOKEN: 0x1 } as const

export interface KeptEp11 {
  readonly keystore: string
  readonly secretKey: string
  readonly privateKey: string
  readonly publicKey: string
  /** Under the secret key; base64. */
  readonly iv: string
  readonly ciphertext: string
  readonly plaintext: string
  /** Of the plaintext, under the private key; base64. */
  readonly signature: string
}

type Place = Pick<Product, 'data' | 'ep11' | 'ep11Private' | 'instance'>

/** The clock of such a product is far from ours, and so are the times of its certificate. */
const anyTime = { isAnyTime: true } as const

/** Their keys stay in the keystore: when the master key is rotated later, the service brings them along. */
export async function leadEp11Life(product: Place, client: Client): Promise<KeptEp11> {
  const ep11 = connectEp11(product, client, 'c', anyTime)
  const iv = randomBytes(16)
  const plaintext = Buffer.from('the archive of last year')
  const secret = await ep11.ask('GenerateKey', {
    Mech: { Mechanism: CKM.AES_KEY_GEN },
    Template: { [CKA.VALUE_LEN]: { AttributeI: 32 } },
  })
  const pair = await ep11.ask('GenerateKeyPair', {
    Mech: { Mechanism: CKM.EC_KEY_PAIR_GEN },
    PubKeyTemplate: { [CKA.EC_PARAMS]: { AttributeB: Buffer.from('P-256') } },
    PrivKeyTemplate: { [CKA.TOKEN]: { AttributeTF: true } },
  })
  const { Ciphered } = await ep11.ask('EncryptSingle', {
    Mech: { Mechanism: CKM.AES_CBC_PAD, ParameterB: iv },
    Key: secret['Key'],
    Plain: plaintext,
  })
  const { Signature } = await ep11.ask('SignSingle', {
    Mech: { Mechanism: CKM.ECDSA_SHA256 },
    PrivKey: pair['PrivKey'],
    Data: plaintext,
  })
  ep11.close()
  const base = `/v1/keystores/${product.instance}`
  const keystore = await made(client, base, { type: 'public', name: 'archive' })
  const store = (key: unknown): Promise<string> =>
    made(client, `${base}/${keystore}/keys`, { object: blobOf(key).toString('base64'), attributes: {} })
  return {
    keystore,
    secretKey: await store(secret['Key']),
    privateKey: await store(pair['PrivKey']),
    publicKey: await store(pair['PubKey']),
    iv: iv.toString('base64'),
    ciphertext: (Ciphered as Buffer).toString('base64'),
    plaintext: plaintext.toString('base64'),
    signature: (Signature as Buffer).toString('base64'),
  }
}

/** The same, with what the keys say of it now. */
export async function useEp11(product: Place, client: Client, kept: KeptEp11): Promise<KeptEp11> {
  const bytesOf = async (id: string): Promise<Buffer> => {
    const path = `/v1/keystores/${product.instance}/${kept.keystore}/keys/${id}`
    const { status, json } = await client.call<{ object: string }>('GET', path)
    if (status !== 200) throw new Error(`GET ${path}: ${status}`)
    return Buffer.from(json.object, 'base64')
  }
  const ep11 = connectEp11(product, client, 'c', anyTime)
  const from = (text: string): Buffer => Buffer.from(text, 'base64')
  const { Plain } = await ep11.ask('DecryptSingle', {
    Mech: { Mechanism: CKM.AES_CBC_PAD, ParameterB: from(kept.iv) },
    Key: { KeyBlobs: [await bytesOf(kept.secretKey)] },
    Ciphered: from(kept.ciphertext),
  })
  const verify = async (Signature: Buffer): Promise<void> => {
    await ep11.ask('VerifySingle', {
      Mech: { Mechanism: CKM.ECDSA_SHA256 },
      PubKey: { KeyBlobs: [await bytesOf(kept.publicKey)] },
      Data: from(kept.plaintext),
      Signature,
    })
  }
  await verify(from(kept.signature))
  const anew = await ep11.ask('SignSingle', {
    Mech: { Mechanism: CKM.ECDSA_SHA256 },
    PrivKey: { KeyBlobs: [await bytesOf(kept.privateKey)] },
    Data: from(kept.plaintext),
  })
  await verify(anew['Signature'] as Buffer)
  ep11.close()
  return { ...kept, plaintext: (Plain as Buffer).toString('base64') }
}

function blobOf(key: unknown): Buffer {
  const [blob] = (key as { readonly KeyBlobs: readonly Buffer[] }).KeyBlobs
  if (blob === undefined) throw new Error('an answer has no key')
  return blob
}

async function made(client: Client, path: string, body: object): Promise<string> {
  const { status, json, text } = await client.call<{ id: string }>('POST', path, { body })
  if (status !== 201) throw new Error(`POST ${path}: ${status} ${text}`)
  return json.id
}
