/** The vCenter of the demonstration: it encrypts machines and starts them again, until its time is up. */
import { randomInt, randomUUID } from 'node:crypto'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { selfSigned } from '@keywitness/server/testing/self-signed'
import type { Client } from './client.ts'
import { addKmipCertificate, newKmipAdapter } from './kmip-adapter.ts'
import { type KmipPlace, kmipPlace } from './kmip-client.ts'
import type { Identity } from './new-certificate.ts'
import { type Encrypted, VCenter } from './vcenter.ts'

/** Machines at most: then those that there are start again. */
const machinesMax = 12

interface Server {
  readonly kmip: string
  readonly data: string
}

/** An adapter of its own, and a certificate for it; undefined where the server's own authority is not that of its listener. */
export async function openDemoVCenter(owner: Client, server: Server): Promise<DemoVCenter | undefined> {
  if (!existsSync(join(server.data, 'tls/ca.pem'))) return undefined
  // Each demonstration makes another: they may follow each other on the same server.
  const name = `vcenter-${randomUUID().slice(0, 8)}`
  const adapter = await newKmipAdapter(owner, name)
  const identity = newIdentity(name)
  await addKmipCertificate(owner, adapter, name, identity)
  return new DemoVCenter(kmipPlace(server), identity)
}

export class DemoVCenter {
  readonly #place: KmipPlace
  readonly #vcenter: VCenter
  readonly #keys: string[] = []

  constructor(place: KmipPlace, identity: Identity) {
    this.#place = place
    this.#vcenter = new VCenter(place, identity)
  }

  /** One occasion: a new machine, a start of one that there is, a health check, and seldom a stranger at the door. */
  async step(): Promise<void> {
    const dice = randomInt(100)
    if (this.#keys.length === 0 || (dice < 25 && this.#keys.length < machinesMax)) {
      this.#keys.push(await this.#vcenter.encrypt(machine(this.#keys.length)))
    } else if (dice < 80) {
      const key = this.#keys[randomInt(this.#keys.length)]
      if (key !== undefined) await this.#vcenter.fetchKey(key)
    } else if (dice < 97) await this.#vcenter.checkHealth()
    else await this.#stranger()
  }

  async #stranger(): Promise<void> {
    const refused = new VCenter(this.#place, newIdentity('unknown')).createKey()
    await refused.catch(() => undefined)
  }
}

function newIdentity(commonName: string): Identity {
  const { cert, key } = selfSigned(commonName)
  return { certificate: cert, key }
}

function machine(number: number): Encrypted {
  const component = number % 4 === 0 ? 'ESXi Server' : 'Virtual Machine'
  const name = component === 'ESXi Server' ? `esx-${number / 4 + 1}.example.com` : `machine-${number}`
  return { identifier: randomUUID(), component, name }
}
