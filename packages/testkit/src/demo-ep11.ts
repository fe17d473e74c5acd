/** The application of the demonstration that uses EP11: keys of its own, signatures, encrypted data, a keystore, and refusals. */
import { randomBytes, randomInt } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { connectEp11, type Ep11, Ep11Error, type StoredKey } from '@keywitness/ep11-client'

interface Server {
  readonly ep11: string
  readonly data: string
  readonly url: string
  readonly instance: string
}

/** API keys: of who makes and uses keys, and of who may only use them. */
interface DemoEp11Keys {
  readonly signer: string
  readonly reader: string
}

interface KeyPair {
  readonly publicKey: Buffer
  readonly privateKey: Buffer
}

interface Encrypted {
  readonly key: Buffer
  readonly iv: Buffer
  readonly ciphertext: Buffer
}

interface Signed {
  readonly publicKey: Buffer
  readonly data: Buffer
  readonly signature: Buffer
}

/** Keys of each kind at most: then those that there are serve again. */
const keysMax = 6

/** Whether the server's own authority is that of its listener: else nobody here trusts it. */
export function canOpenDemoEp11({ data }: Pick<Server, 'data'>): boolean {
  return existsSync(join(data, 'tls/ca.pem'))
}

export class DemoEp11 {
  readonly #signer: Ep11
  readonly #reader: Ep11
  readonly #secrets: Buffer[] = []
  readonly #pairs: KeyPair[] = []
  readonly #stored: StoredKey[] = []
  #keystore: string | undefined
  #encrypted: Encrypted | undefined
  #signed: Signed | undefined

  constructor({ ep11, data, url, instance }: Server, apiKeys: DemoEp11Keys) {
    const ca = readFileSync(join(data, 'tls/ca.pem'))
    // TLS asks for names, not for addresses.
    const address = ep11.replace(/^127\.0\.0\.1:/, 'localhost:')
    const clientOf = (apiKey: string): Ep11 => connectEp11({ address, ca, apiKey, identityUrl: url, instance })
    this.#signer = clientOf(apiKeys.signer)
    this.#reader = clientOf(apiKeys.reader)
  }

  /** One occasion: a key, a use of one, a look into the keystore, and seldom something that is refused. */
  async step(): Promise<void> {
    const dice = randomInt(100)
    const secret = oneOf(this.#secrets)
    const pair = oneOf(this.#pairs)
    if (secret === undefined || (dice < 8 && this.#secrets.length < keysMax)) await this.#makeSecret()
    else if (pair === undefined || (dice < 16 && this.#pairs.length < keysMax)) await this.#makePair()
    else if (dice < 36) await this.#encrypt(secret)
    else if (dice < 52) await this.#decrypt()
    else if (dice < 70) await this.#sign(pair)
    else if (dice < 84) await this.#verify()
    else if (dice < 95) await this.#keep(secret)
    else await this.#beRefused(secret, pair, dice)
  }

  close(): void {
    this.#signer.close()
    this.#reader.close()
  }

  async #makeSecret(): Promise<void> {
    const template = { CKA_VALUE_LEN: 32, CKA_ENCRYPT: true, CKA_DECRYPT: true }
    this.#secrets.push((await this.#signer.generateKey('CKM_AES_KEY_GEN', template)).key)
  }

  async #makePair(): Promise<void> {
    const publicKey = { CKA_EC_PARAMS: 'P-256', CKA_VERIFY: true } as const
    this.#pairs.push(
      await this.#signer.generateKeyPair('CKM_EC_KEY_PAIR_GEN', { publicKey, privateKey: { CKA_SIGN: true } }),
    )
  }

  async #encrypt(key: Buffer): Promise<void> {
    const iv = randomBytes(16)
    const ciphertext = await this.#signer.encrypt({ mechanism: 'CKM_AES_CBC_PAD', iv }, key, randomBytes(200))
    this.#encrypted = { key, iv, ciphertext }
  }

  async #decrypt(): Promise<void> {
    if (this.#encrypted === undefined) return
    const { key, iv, ciphertext } = this.#encrypted
    await this.#signer.decrypt({ mechanism: 'CKM_AES_CBC_PAD', iv }, key, ciphertext)
  }

  async #sign({ privateKey, publicKey }: KeyPair): Promise<void> {
    const data = randomBytes(300)
    this.#signed = { publicKey, data, signature: await this.#signer.sign('CKM_ECDSA_SHA256', privateKey, data) }
  }

  async #verify(): Promise<void> {
    if (this.#signed === undefined) return
    const { publicKey, data, signature } = this.#signed
    await this.#signer.verify('CKM_ECDSA_SHA256', publicKey, data, signature)
  }

  /** Stores a key, as long as there are few; then looks one of them up. */
  async #keep(secret: Buffer): Promise<void> {
    const { keystores } = this.#signer
    const keystoreId = (this.#keystore ??= (await keystores.create({ type: 'public', name: 'code-signing' })).id)
    if (this.#stored.length < keysMax) this.#stored.push(await keystores.storeKey(keystoreId, { key: secret }))
    else for await (const { id } of keystores.find({ name: 'code-signing' })) if (id === keystoreId) return
  }

  /** A key that is used for what it may not do, one that was altered, and who makes one without the right to. */
  async #beRefused(secret: Buffer, { privateKey }: KeyPair, dice: number): Promise<void> {
    const data = randomBytes(64)
    if (dice < 97) await refused(this.#signer.sign('CKM_ECDSA_SHA256', secret, data))
    else if (dice < 99) {
      const altered = Buffer.from(privateKey)
      altered[altered.length - 1] = (altered.at(-1) ?? 0) ^ 1
      await refused(this.#signer.sign('CKM_ECDSA_SHA256', altered, data))
    } else await refused(this.#reader.generateKey('CKM_AES_KEY_GEN', { CKA_VALUE_LEN: 32 }))
  }
}

/** A refusal is part of the show; a server that does not answer any more is none. */
async function refused(call: Promise<unknown>): Promise<void> {
  try {
    await call
  } catch (error) {
    if (!(error instanceof Ep11Error) || error.eventId === undefined) throw error
  }
}

function oneOf<Item>(items: readonly Item[]): Item | undefined {
  return items.length === 0 ? undefined : items[randomInt(items.length)]
}
