/** Who signs: keys in files or in a signing service, chosen by a person, opened only for the command that needs them. */
import type { KeyObject } from 'node:crypto'
import {
  administratorCertificate,
  administratorSki,
  administratorToBeSigned,
  createAdministratorCertificate,
} from '@keywitness/crypto-unit/tke/administrator-certificate'
import { encodeSignerInfo, makeSignerInfo } from '@keywitness/crypto-unit/tke/signer-info'
import { CliError } from '../cli-error.ts'
import { printable } from '../printable.ts'
import type { Surroundings } from '../surroundings.ts'
import type { Passwords } from './passwords.ts'
import { listSignatureKeys, openSignatureKey, readSignatureKey } from './signature-keys.ts'
import { SigningService } from './signing-service.ts'
import type { StateFolder } from './state-folder.ts'

/** Somebody who signs now. */
export interface Signer {
  /** 64 hex digits. */
  readonly ski: string
  /** A SignerInfo over these bytes. */
  sign(message: Uint8Array): Promise<Buffer>
  /** The certificate by which units know this key. */
  certificate(name: string): Promise<Buffer>
}

/** A key that could sign, still closed. */
export interface SignatureKey {
  /** Number of its file, or its name in the signing service. */
  readonly id: string
  readonly ski: string
  readonly description: string
  readonly open: () => Promise<Signer>
}

const SELECTED = 'SELECTED'
const selectedMax = 64

export class SignatureKeys {
  readonly #folder: StateFolder
  readonly #passwords: Passwords
  readonly #service: SigningService | undefined
  /** A key is opened once, and its password asked for once. */
  readonly #opened = new Map<string, Signer>()

  constructor(io: Surroundings, folder: StateFolder, passwords: Passwords) {
    this.#folder = folder
    this.#passwords = passwords
    this.#service = SigningService.of(io)
  }

  /** Ids of all keys there are. */
  async ids(): Promise<string[]> {
    const files = await listSignatureKeys(this.#folder)
    const service = (await this.#service?.keys(this.#folder)) ?? []
    return [...files.map(({ number }) => String(number)), ...service.map(({ name }) => name)]
  }

  /** @throws CliError `BAD_INPUT` when there is none of this id */
  async find(id: string): Promise<SignatureKey> {
    return /^\d{1,4}$/.test(id) ? this.#ofFile(Number(id)) : this.#ofService(id)
  }

  async #ofFile(number: number): Promise<SignatureKey> {
    const file = await readSignatureKey(this.#folder, number)
    const { ski, description, name } = file
    return {
      id: String(number),
      ski,
      description,
      open: () =>
        this.#once(String(number), async () => {
          const password = await this.#passwords.of(name, description)
          return signerOf(await openSignatureKey(this.#folder, file, password), ski)
        }),
    }
  }

  async #ofService(id: string): Promise<SignatureKey> {
    const service = this.#service
    const known = (await service?.keys(this.#folder))?.find(({ name }) => name === id)
    if (service === undefined || known === undefined) {
      const advice = 'keywitness tke sigkeys lists them; TKE_SIGNSERV_URL names a signing service'
      throw new CliError('BAD_INPUT', `there is no signature key ${printable(id)}`, advice)
    }
    const token = known.token ?? (await this.#passwords.of(id, 'key token of the signing service'))
    const publicKey = await service.publicKey(id, token)
    const ski = administratorSki(publicKey)
    const signature = (message: Uint8Array): Promise<Buffer> => service.sign(id, token, message)
    const signer: Signer = {
      ski,
      sign: async (message) => encodeSignerInfo(Buffer.from(ski, 'hex'), 'ecdsa', await signature(message)),
      certificate: async (name) => {
        const toBeSigned = administratorToBeSigned(name, publicKey)
        return administratorCertificate(toBeSigned, await signature(toBeSigned))
      },
    }
    return { id, ski, description: 'signing service', open: () => Promise.resolve(signer) }
  }

  async #once(id: string, open: () => Promise<Signer>): Promise<Signer> {
    const signer = this.#opened.get(id) ?? (await open())
    this.#opened.set(id, signer)
    return signer
  }

  /** The keys that sign unless others are named. */
  async selected(): Promise<string[]> {
    const list = (await this.#folder.readJson(SELECTED)) ?? []
    const isKnown = Array.isArray(list) && list.length <= selectedMax && list.every((id) => typeof id === 'string')
    if (!isKnown) throw this.#folder.damaged(SELECTED)
    return list
  }

  async select(ids: readonly string[]): Promise<void> {
    await this.#folder.replaceJson(SELECTED, ids)
  }

  /** The keys that are named, else those selected; each once. */
  async chosen(named: readonly string[] | undefined): Promise<SignatureKey[]> {
    const ids = named ?? (await this.selected())
    const keys: SignatureKey[] = []
    for (const id of new Set(ids)) keys.push(await this.find(id))
    return keys
  }
}

function signerOf(privateKey: KeyObject, ski: string): Signer {
  return {
    ski,
    sign: (message) => Promise.resolve(makeSignerInfo(message, Buffer.from(ski, 'hex'), privateKey)),
    certificate: (name) => Promise.resolve(createAdministratorCertificate(name, privateKey)),
  }
}
