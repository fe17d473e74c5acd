/** The way to one crypto unit: what comes back is verified under the pinned root, and told apart from what other units sign. */
import type { KeyObject } from 'node:crypto'
import {
  decodeDomainResponse,
  decodeResponseBlock,
  encodeAdminRequest,
  encodeInfoRequest,
  infoQueries,
  type ResponseBlock,
} from '@keywitness/crypto-unit/tke/admin-message'
import { encodeQueryBlock, queries } from '@keywitness/crypto-unit/tke/command-block'
import { decodeCprb, encodeCprb } from '@keywitness/crypto-unit/tke/cprb'
import { type DeviceRoot, verifyDeviceCertificate } from '@keywitness/crypto-unit/tke/device-certificate'
import { decodeHtpResponse, encodeHtpRequest } from '@keywitness/crypto-unit/tke/htp'
import { moduleInstanceOf } from '@keywitness/crypto-unit/tke/module-instance'
import { pointOfKey, pointSki } from '@keywitness/crypto-unit/tke/p521'
import { decodeSignerInfos, verifySignerInfo } from '@keywitness/crypto-unit/tke/signer-info'
import { CliError } from '../cli-error.ts'
import { SHARED_MODULE_INSTANCE } from './acquaintance.ts'
import type { TkeApi, UnitEntry } from './tke-api.ts'
import { decoded, unproven } from './unit-refused.ts'

export interface ChannelOptions {
  readonly entry: UnitEntry
  readonly api: TkeApi
  readonly root: DeviceRoot
  /** Tells a person what is no failure. */
  readonly warn: (line: string) => void
}

/** The key of the unit's module, proved by its device certificate. */
interface Module {
  readonly key: KeyObject
  /** 64 hex digits. */
  readonly ski: string
}

export class UnitChannel {
  readonly #options: ChannelOptions
  #module: Module | undefined

  constructor(options: ChannelOptions) {
    this.#options = options
  }

  /** @throws CliError `VERIFICATION_FAILED` */
  async module(): Promise<Module> {
    if (this.#module !== undefined) return this.#module
    const { location, domainIndex } = this.#options.entry
    const block = encodeQueryBlock(queries.DEVICE_CERTIFICATE, domainIndex, Buffer.alloc(4))
    const answer = await this.#signed(encodeAdminRequest(domainIndex, block, []))
    const { payload, returnCode } = decoded(location, () => decodeResponseBlock(answer.block))
    if (returnCode !== 0) throw unproven(location, 'it shows no device certificate')
    let key: KeyObject
    try {
      key = verifyDeviceCertificate(payload, this.#options.root)
    } catch (error) {
      throw unproven(location, lowerFirst((error as Error).message))
    }
    const { moduleInstance } = this.#verify(answer, key)
    if (moduleInstance === SHARED_MODULE_INSTANCE) {
      this.#options.warn(
        `Crypto unit ${location} was made by an older version: its answers do not tell it from units of other instances.`,
      )
    }
    this.#module = { key, ski: pointSki(pointOfKey(key)).toString('hex') }
    return this.#module
  }

  /**
   * Sends an administrative request and verifies what comes back, whatever its return code.
   *
   * @param id of the command or query
   */
  async ask(request: Buffer, id: number): Promise<{ response: Buffer; answer: ResponseBlock }> {
    const { location, domainIndex } = this.#options.entry
    const { key } = await this.module()
    const signed = await this.#signed(request)
    const answer = this.#verify(signed, key)
    if (answer.id !== id) throw unproven(location, 'it answers something else')
    if (answer.domainIndex !== domainIndex) throw unproven(location, 'it is of another domain')
    return { response: signed.response, answer }
  }

  /** Domain information: 80 bytes that nobody signs; whoever uses it compares what is signed elsewhere. */
  async info(): Promise<Buffer> {
    const { location, domainIndex } = this.#options.entry
    const response = await this.#exchange(encodeInfoRequest(domainIndex, infoQueries.DOMAIN))
    const answer = decoded(location, () => decodeDomainResponse(response))
    if (answer.kind === 'info' && answer.payload.length === 80) return answer.payload
    throw new CliError('BAD_ANSWER', `crypto unit ${location} gave no domain information`)
  }

  /** The signature is checked over the octets as they came. */
  #verify({ block, signerInfo }: SignedAnswer, key: KeyObject): ResponseBlock {
    const { location, serial, hsmId } = this.#options.entry
    const [info] = decoded(location, () => decodeSignerInfos(signerInfo))
    if (info === undefined) throw unproven(location, 'nobody signed it')
    if (!verifySignerInfo(block, info, key)) throw unproven(location, 'its signature does not verify')
    const answer = decoded(location, () => decodeResponseBlock(block))
    if (answer.serial !== serial) throw unproven(location, 'it comes from a module of another serial number')
    const own = [moduleInstanceOf(this.#options.api.instance, hsmId), SHARED_MODULE_INSTANCE]
    if (own.includes(answer.moduleInstance)) return answer
    throw unproven(location, 'it comes from a unit of another instance, or from another unit of this one')
  }

  async #signed(request: Buffer): Promise<SignedAnswer> {
    const { location } = this.#options.entry
    const response = await this.#exchange(request)
    const answer = decoded(location, () => decodeDomainResponse(response))
    if (answer.kind === 'admin') return { ...answer, response }
    if (answer.kind === 'refused') {
      throw unproven(location, `nobody signed it; it says ${answer.returnCode}, that the request was not understood`)
    }
    throw unproven(location, 'it is no answer to a command')
  }

  async #exchange(request: Buffer): Promise<Buffer> {
    const { hsmId, location, moduleIndex, domainIndex } = this.#options.entry
    const text = await this.#options.api.send(hsmId, encodeHtpRequest(moduleIndex, encodeCprb(domainIndex, request)))
    const { returnCode, payload } = decoded(location, () => decodeCprb(decodeHtpResponse(text)))
    if (returnCode === 0) return payload
    throw new CliError(
      'BAD_ANSWER',
      `crypto unit ${location} was not reached: ${returnCode >>> 16}/${returnCode & 0xffff}`,
    )
  }
}

interface SignedAnswer {
  readonly block: Buffer
  readonly signerInfo: Buffer
  readonly response: Buffer
}

function lowerFirst(text: string): string {
  return text.charAt(0).toLowerCase() + text.slice(1).replace(/\.$/, '')
}
