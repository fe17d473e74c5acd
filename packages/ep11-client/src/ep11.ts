/** What a program does with keys of EP11: make, use, wrap, derive and describe them; each function is one or more calls. */
import type { MessageInitShape } from '@bufbuild/protobuf'
import type { AttributeName } from './constants/attributes.ts'
import { mechanismFlags, mechanismName, type MechanismFlag, type MechanismName } from './constants/mechanisms.ts'
import { type CallOptions, type Calls, generating } from './calls.ts'
import { Ep11Error } from './ep11-error.ts'
import { ownError } from './failure.ts'
import { Keystores } from './keystores.ts'
import { type Mechanism, mechanismMessage, mechanismValue, nameOf, takesOnePart } from './mechanism.ts'
import { carriedOut, type Data, type Operation, whole } from './parts.ts'
import { Crypto, type KeyBlob as KeyBlobMessage, type KeyBlobSchema } from './schema/grep11_pb.ts'
import { type Attributes, attributesOf, namesMessage, type Template, templateMessage } from './template.ts'

/**
 * A key as the service hands it out: sealed under the master key of the crypto units, for the program to keep. Whoever has it
 * can do nothing with it without the service. A public key begins with its SubjectPublicKeyInfo: see `publicKeyInfo`.
 */
export type KeyBlob = Uint8Array

export interface MadeKey {
  readonly key: Buffer
  /**
   * Of ciphers: 3 bytes by which two see that they have the same key, and 4 of its length in bits. What a derivation answers
   * beside the key stands here too: the chain code of BIP32 and SLIP-10, the ciphertext of a KEM.
   */
  readonly checkSum: Buffer
}

export interface MechanismInfo {
  /** Bits for RSA, DSA, DH and elliptic curves, bytes for ciphers and MACs. */
  readonly keySizeMin: number
  readonly keySizeMax: number
  readonly flags: readonly MechanismFlag[]
}

interface Ep11Parts {
  readonly partBytes: number
  readonly close: () => void
}

const { method } = Crypto
const onePartBytesMax = 4 * 1024 * 1024 - 65_536
const randomBytesMax = 1_000_000

/**
 * Every function rejects with `Ep11Error` when the service refuses or is not reached, with TypeError or RangeError for what
 * cannot be asked, and with the signal's reason once that is aborted.
 */
export class Ep11 {
  readonly #calls: Calls
  readonly #parts: Ep11Parts

  constructor(calls: Calls, parts: Ep11Parts) {
    this.#calls = calls
    this.#parts = parts
  }

  /** The same connection and login, with other options for the calls that are made by what this returns. */
  with(options: CallOptions): Ep11 {
    return new Ep11(this.#calls.with(options), this.#parts)
  }

  /** Ends the connection, for everybody who has it by `with` or `login` too. Calls that are under way end as they may. */
  close(): void {
    this.#parts.close()
  }

  /** Where Keywitness keeps blobs for programs that do not want to. HPCS has no such service. */
  get keystores(): Keystores {
    return new Keystores(this.#calls)
  }

  /** A secret key, or domain parameters of DSA and DH, which are clear DER. */
  async generateKey(mechanism: Mechanism, template: Template): Promise<MadeKey> {
    const request = { mech: mechanismMessage(mechanism), template: templateMessage(template) }
    const { key, keyBytes, checkSum } = await this.#calls.ask(method.generateKey, request, generating)
    return { key: keyOf(key, keyBytes), checkSum: bytes(checkSum) }
  }

  /** Sizes, curves and exponents stand in the public key's template. */
  async generateKeyPair(
    mechanism: Mechanism,
    templates: { readonly publicKey: Template; readonly privateKey: Template },
  ): Promise<{ readonly publicKey: Buffer; readonly privateKey: Buffer }> {
    const request = {
      mech: mechanismMessage(mechanism),
      pubKeyTemplate: templateMessage(templates.publicKey),
      privKeyTemplate: templateMessage(templates.privateKey),
    }
    const made = await this.#calls.ask(method.generateKeyPair, request, generating)
    return { publicKey: keyOf(made.pubKey, made.pubKeyBytes), privateKey: keyOf(made.privKey, made.privKeyBytes) }
  }

  /** @param data what some mechanisms take beside their parameter */
  async deriveKey(mechanism: Mechanism, baseKey: KeyBlob, template: Template, data?: Uint8Array): Promise<MadeKey> {
    const { newKey, newKeyBytes, checkSum } = await this.#calls.ask(method.deriveKey, {
      mech: mechanismMessage(mechanism),
      baseKey: sent(baseKey),
      template: templateMessage(template),
      ...(data === undefined ? {} : { data }),
    })
    return { key: keyOf(newKey, newKeyBytes), checkSum: bytes(checkSum) }
  }

  /** The value of `key`, PKCS #8 of a private one, encrypted under `kek`. It must be extractable. */
  async wrapKey(
    mechanism: Mechanism,
    keys: { readonly key: KeyBlob; readonly kek: KeyBlob; readonly macKey?: KeyBlob },
  ): Promise<Buffer> {
    const { wrapped } = await this.#calls.ask(method.wrapKey, {
      mech: mechanismMessage(mechanism),
      key: sent(keys.key),
      kek: sent(keys.kek),
      ...(keys.macKey === undefined ? {} : { macKey: sent(keys.macKey) }),
    })
    return bytes(wrapped)
  }

  /** The key gets what its template says and nothing else: `CKA_KEY_TYPE` and, for private keys, `CKA_CLASS` stand there. */
  async unwrapKey(
    mechanism: Mechanism,
    from: {
      readonly wrapped: Uint8Array
      readonly kek: KeyBlob
      readonly macKey?: KeyBlob
      readonly template: Template
    },
  ): Promise<MadeKey> {
    const { unwrapped, unwrappedBytes, checkSum } = await this.#calls.ask(method.unwrapKey, {
      mech: mechanismMessage(mechanism),
      wrapped: from.wrapped,
      kek: sent(from.kek),
      template: templateMessage(from.template),
      ...(from.macKey === undefined ? {} : { macKey: sent(from.macKey) }),
    })
    return { key: keyOf(unwrapped, unwrappedBytes), checkSum: bytes(checkSum) }
  }

  /**
   * The same key under the next master key, while one is committed and not yet active; it is used once that is active, and the
   * old blob until then. Without a committed master key: `CKR_IBM_WK_NOT_INITIALIZED`.
   */
  async rewrapKeyBlob(key: KeyBlob): Promise<Buffer> {
    const request = { wrappedKey: sent(key) }
    const { rewrappedKey, rewrappedKeyBytes } = await this.#calls.ask(method.rewrapKeyBlob, request)
    return keyOf(rewrappedKey, rewrappedKeyBytes)
  }

  async encrypt(mechanism: Mechanism, key: KeyBlob, data: Data): Promise<Buffer> {
    return whole(this.encryptStream(mechanism, key, data))
  }

  /** Piece by piece, for what does not fit into memory. */
  encryptStream(mechanism: Mechanism, key: KeyBlob, data: Data): AsyncGenerator<Buffer> {
    const [mech, own, calls] = [mechanismMessage(mechanism), sent(key), this.#calls]
    const operation: Operation = {
      single: async (plain) => (await calls.ask(method.encryptSingle, { mech, key: own, plain })).ciphered,
      begin: async () => (await calls.ask(method.encryptInit, { mech, key: own })).state,
      update: async (state, plain) => {
        const { state: next, ciphered } = await calls.ask(method.encryptUpdate, { state, plain })
        return { state: next, output: ciphered }
      },
      end: async (state) => (await calls.ask(method.encryptFinal, { state })).ciphered,
    }
    return this.#carriedOut(operation, mechanism, data)
  }

  async decrypt(mechanism: Mechanism, key: KeyBlob, data: Data): Promise<Buffer> {
    return whole(this.decryptStream(mechanism, key, data))
  }

  /** Piece by piece. Pieces come before the padding at the end is checked, and no mechanism tells who encrypted. */
  decryptStream(mechanism: Mechanism, key: KeyBlob, data: Data): AsyncGenerator<Buffer> {
    const [mech, own, calls] = [mechanismMessage(mechanism), sent(key), this.#calls]
    const operation: Operation = {
      single: async (ciphered) => (await calls.ask(method.decryptSingle, { mech, key: own, ciphered })).plain,
      begin: async () => (await calls.ask(method.decryptInit, { mech, key: own })).state,
      update: async (state, ciphered) => {
        const { state: next, plain } = await calls.ask(method.decryptUpdate, { state, ciphered })
        return { state: next, output: plain }
      },
      end: async (state) => (await calls.ask(method.decryptFinal, { state })).plain,
    }
    return this.#carriedOut(operation, mechanism, data)
  }

  /** Decrypted with one key and encrypted with another inside the crypto unit. */
  async reencrypt(
    from: { readonly mechanism: Mechanism; readonly key: KeyBlob },
    to: { readonly mechanism: Mechanism; readonly key: KeyBlob },
    ciphered: Uint8Array,
  ): Promise<Buffer> {
    const { reciphered } = await this.#calls.ask(method.reencryptSingle, {
      decMech: mechanismMessage(from.mechanism),
      decKey: sent(from.key),
      encMech: mechanismMessage(to.mechanism),
      encKey: sent(to.key),
      ciphered,
    })
    return bytes(reciphered)
  }

  /** A signature, or a MAC with a secret key. ECDSA and DSA: r ‖ s, see `signatureDer`. */
  async sign(mechanism: Mechanism, key: KeyBlob, data: Data): Promise<Buffer> {
    const [mech, privKey, calls] = [mechanismMessage(mechanism), sent(key), this.#calls]
    const operation: Operation = {
      single: async (part) => (await calls.ask(method.signSingle, { mech, privKey, data: part })).signature,
      begin: async () => (await calls.ask(method.signInit, { mech, privKey })).state,
      update: (state, part) => calls.ask(method.signUpdate, { state, data: part }),
      end: async (state) => (await calls.ask(method.signFinal, { state })).signature,
    }
    return whole(this.#carriedOut(operation, mechanism, data))
  }

  /** @param key the public key, as it came or as SubjectPublicKeyInfo; for a MAC the secret key */
  async verify(mechanism: Mechanism, key: KeyBlob, data: Data, signature: Uint8Array): Promise<boolean> {
    const [mech, pubKey, calls] = [mechanismMessage(mechanism), sent(key), this.#calls]
    const operation: Operation = {
      single: async (part) => none(await calls.ask(method.verifySingle, { mech, pubKey, data: part, signature })),
      begin: async () => (await calls.ask(method.verifyInit, { mech, pubKey })).state,
      update: (state, part) => calls.ask(method.verifyUpdate, { state, data: part }),
      end: async (state) => none(await calls.ask(method.verifyFinal, { state, signature })),
    }
    try {
      await whole(this.#carriedOut(operation, mechanism, data))
      return true
    } catch (error) {
      if (error instanceof Ep11Error && isNo(error)) return false
      throw error
    }
  }

  async digest(mechanism: Mechanism, data: Data): Promise<Buffer> {
    const [mech, calls] = [mechanismMessage(mechanism), this.#calls]
    const operation: Operation = {
      single: async (part) => (await calls.ask(method.digestSingle, { mech, data: part })).digest,
      begin: async () => (await calls.ask(method.digestInit, { mech })).state,
      update: (state, part) => calls.ask(method.digestUpdate, { state, data: part }),
      end: async (state) => (await calls.ask(method.digestFinal, { state })).digest,
    }
    return whole(this.#carriedOut(operation, mechanism, data))
  }

  /** Random bytes of the crypto unit, 1 to 1,000,000. */
  async random(length: number): Promise<Buffer> {
    if (!(Number.isInteger(length) && length >= 1 && length <= randomBytesMax)) {
      throw new RangeError(`At once 1 to ${randomBytesMax} random bytes are given out.`)
    }
    const { rnd } = await this.#calls.ask(method.generateRandom, { len: BigInt(length) })
    if (rnd.length !== length) {
      throw ownError('GenerateRandom', 'CKR_GENERAL_ERROR', 'The answer has another number of bytes.', false)
    }
    return bytes(rnd)
  }

  /** What the crypto units offer; a number is one that this package has no name for. */
  async mechanisms(): Promise<(MechanismName | number)[]> {
    const { mechs } = await this.#calls.ask(method.getMechanismList, {})
    return mechs.map((value) => mechanismName(Number(value)) ?? Number(value))
  }

  async mechanismInfo(mechanism: MechanismName | number): Promise<MechanismInfo> {
    const request = { mech: BigInt(mechanismValue(mechanism)) }
    const { mechInfo } = await this.#calls.ask(method.getMechanismInfo, request)
    const bits = Number(mechInfo?.flags ?? 0n)
    const flags = (Object.keys(mechanismFlags) as MechanismFlag[]).filter((flag) => (bits & mechanismFlags[flag]) !== 0)
    return {
      keySizeMin: Number(mechInfo?.minKeySize ?? 0n),
      keySizeMax: Number(mechInfo?.maxKeySize ?? 0n),
      flags,
    }
  }

  /** Attributes of a key that are not secret. One that the key does not have: `CKR_ATTRIBUTE_TYPE_INVALID`. */
  async getAttributes<Name extends AttributeName>(key: KeyBlob, names: readonly Name[]): Promise<Attributes<Name>> {
    const request = { object: key, attributes: namesMessage(names) }
    const found = attributesOf((await this.#calls.ask(method.getAttributeValue, request)).attributes)
    if (names.some((name) => !Object.hasOwn(found, name))) {
      throw ownError('GetAttributeValue', 'CKR_GENERAL_ERROR', 'An attribute was asked for and not answered.', false)
    }
    return found as Attributes<Name>
  }

  /** The key with other booleans: a new blob. The old one stays as good as it was. */
  async setAttributes(key: KeyBlob, template: Template): Promise<Buffer> {
    const request = { object: key, attributes: templateMessage(template) }
    return bytes((await this.#calls.ask(method.setAttributeValue, request)).object)
  }

  /**
   * Keys that are made by what this returns are of no use without this login, to whoever has the same PIN and store id. How a
   * login is shown with later calls is not public: this works with Keywitness.
   * @param storeId whatever names the application's keys; not secret
   * @param pin 8 to 64 bytes; kept nowhere
   */
  async login(storeId: Uint8Array, pin: Uint8Array): Promise<Ep11> {
    const { pinBlob } = await this.#calls.ask(method.login, { storeId, pin })
    return new Ep11(this.#calls.inSession(pinBlob), this.#parts)
  }

  /** Ends the login, wherever it is used. What this returns has none. */
  async logout(): Promise<Ep11> {
    await this.#calls.ask(method.logout, {})
    return new Ep11(this.#calls.inSession(undefined), this.#parts)
  }

  #carriedOut(operation: Operation, mechanism: Mechanism, data: Data): AsyncGenerator<Buffer> {
    return takesOnePart(mechanism)
      ? carriedOut(operation, data, onePartBytesMax, nameOf(mechanism))
      : carriedOut(operation, data, this.#parts.partBytes)
  }
}

function isNo({ returnValue }: Ep11Error): boolean {
  return returnValue === 'CKR_SIGNATURE_INVALID' || returnValue === 'CKR_SIGNATURE_LEN_RANGE'
}

/** Of an answer without anything in it. */
function none(_answer: object): Uint8Array {
  return new Uint8Array()
}

function sent(key: KeyBlob): MessageInitShape<typeof KeyBlobSchema> {
  if (!(key instanceof Uint8Array)) throw new TypeError('A key is its blob: bytes.')
  return { keyBlobs: [key] }
}

/** From the KeyBlob, and where there is none from the bytes of older services. */
function keyOf(blob: KeyBlobMessage | undefined, older: Uint8Array): Buffer {
  return bytes(blob?.keyBlobs[0] ?? older)
}

function bytes(view: Uint8Array): Buffer {
  return Buffer.from(view.buffer, view.byteOffset, view.byteLength)
}
