/** A product with a PyKMIP beside it, for tests: clients with adapters of their own, one in each version. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { clientLines } from '../../cli/src/kmip/client-lines.ts'
import { Client, type KmipSite, newKmipSite, type Product, startProduct } from '../src/index.ts'
import { Pykmip, PykmipClient } from './pykmip-client.ts'

export const versions = ['1.0', '1.1', '1.2', '1.3', '1.4'] as const
export type Version = (typeof versions)[number]
export const minorOf = (version: Version): number => Number(version.slice(2))
export const from = (minor: number): Version[] => versions.filter((version) => minorOf(version) >= minor)
export const before = (minor: number): Version[] => versions.filter((version) => minorOf(version) < minor)

/** A connection in one version, of a client that has an adapter of its own. */
export interface Speaker {
  readonly site: KmipSite
  readonly kmip: PykmipClient
}

export class PykmipHouse {
  readonly product: Product
  readonly client: Client
  readonly pykmip: Pykmip
  readonly folder: string
  readonly #speakers = new Map<Version, Speaker>()

  private constructor(product: Product, client: Client) {
    this.product = product
    this.client = client
    this.pykmip = new Pykmip()
    this.folder = mkdtempSync(join(tmpdir(), 'keywitness-pykmip-'))
  }

  /** With a speaker of each version. */
  static async start(): Promise<PykmipHouse> {
    const product = await startProduct()
    const house = new PykmipHouse(product, await new Client(product).signIn())
    for (const version of versions) {
      const site = await newKmipSite(house.client, `pykmip-1-${minorOf(version)}`)
      const kmip = await house.open(version, version, house.configuration(version, site.identity))
      house.#speakers.set(version, { site, kmip })
    }
    return house
  }

  async stop(): Promise<void> {
    await this.pykmip.stop()
    await this.product.stop()
    this.product.remove()
    rmSync(this.folder, { recursive: true })
  }

  /** The configuration that the command line prints for PyKMIP, with more lines: its file. */
  configuration(name: string, { certificate, key }: { certificate: string; key: string }, ...more: string[]): string {
    const file = (kind: string): string => join(this.folder, `${name}.${kind}`)
    writeFileSync(file('pem'), certificate)
    writeFileSync(file('key'), key)
    const [host = '', port = ''] = this.product.kmip.split(':')
    const authority = join(this.product.data, 'tls/ca.pem')
    const settings = { address: { host, port: Number(port) }, authority, certificate: file('pem'), key: file('key') }
    writeFileSync(file('conf'), [...clientLines('pykmip', settings), ...more].join('\n'))
    return file('conf')
  }

  /** @throws Error when it does not speak TLS 1.3 */
  async open(name: string, version: Version | '2.0', config: string): Promise<PykmipClient> {
    const opened = new PykmipClient(this.pykmip, name)
    const spoken = await opened.call('open', { version, config })
    if (spoken !== 'TLSv1.3') throw new Error(`PyKMIP speaks ${String(spoken)}`)
    return opened
  }

  speaker(version: Version): Speaker {
    const found = this.#speakers.get(version)
    if (found === undefined) throw new Error(`nobody speaks ${version}`)
    return found
  }
}
