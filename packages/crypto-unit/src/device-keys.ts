/** The root and the modules' signing keys: outbound authentication of everything a unit says (TKE reference, 2.6, 6). */
import { hkdfSync, type KeyObject } from 'node:crypto'
import { decodeDeviceCertificate, makeDeviceCertificate, rootOf, type DeviceRoot } from './tke/device-certificate.ts'
import { privateKeyOfScalar, SCALAR_BYTES } from './tke/p521.ts'
import { makeSignerInfo } from './tke/signer-info.ts'

/** The order of P-521 (SEC 2, version 2.0, section 2.6.1). */
const ORDER = BigInt(`0x1${'f'.repeat(65)}a51868783bf2f966b7fcc0148f709a5d03bb5c9b8899c47aebb6fb71e91386409`)
/** 64 bits more than the order has: what is left of the bias is beyond measuring (FIPS 186-5, appendix A.2.1). */
const WIDE_BYTES = 74
/** Modules of one process; far more than instances can have units. */
const MODULES_MAX = 4096

interface Module {
  readonly key: KeyObject
  readonly ski: Buffer
  readonly certificate: Buffer
}

/**
 * Derived from the seal, so that nothing is stored and a restart, or a restored folder, has the same ones. Whoever owns
 * the seal owns these keys: SECURITY.md says so.
 */
export class DeviceKeys {
  readonly #secret: KeyObject
  readonly #root: KeyObject
  readonly #modules = new Map<string, Module>()

  constructor(secret: KeyObject) {
    this.#secret = secret
    this.#root = this.#derived('root')
  }

  get root(): DeviceRoot {
    return rootOf(this.#root)
  }

  /** The certificate of a module, signed by the root; the same bytes for as long as the process lives. */
  certificate(module: string): Buffer {
    return this.#module(module).certificate
  }

  /** SignerInfo over the bytes. */
  sign(module: string, bytes: Uint8Array): Buffer {
    const { key, ski } = this.#module(module)
    return makeSignerInfo(bytes, ski, key)
  }

  #module(name: string): Module {
    const known = this.#modules.get(name)
    if (known !== undefined) return known
    if (this.#modules.size >= MODULES_MAX) this.#modules.clear()
    const key = this.#derived(`module ${name}`)
    const certificate = makeDeviceCertificate(key, this.#root)
    const ski = Buffer.from(decodeDeviceCertificate(certificate).subjectSki, 'hex')
    const module = { key, ski, certificate }
    this.#modules.set(name, module)
    return module
  }

  #derived(name: string): KeyObject {
    const wide = Buffer.from(hkdfSync('sha256', this.#secret, '', `keywitness/device-key/1 ${name}`, WIDE_BYTES))
    const scalar = (BigInt(`0x${wide.toString('hex')}`) % (ORDER - 1n)) + 1n
    wide.fill(0)
    const bytes = Buffer.from(scalar.toString(16).padStart(SCALAR_BYTES * 2, '0'), 'hex')
    const key = privateKeyOfScalar(bytes)
    bytes.fill(0)
    return key
  }
}
