/** The secrets of a development ceremony, kept in the data folder where everybody who can read it can read them. */
import { createPrivateKey, generateKeyPairSync, randomBytes, type KeyObject } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { administratorSki, createAdministratorCertificate } from '@keywitness/crypto-unit/tke/administrator-certificate'
import { writeDurably } from '../data-folder.ts'

const CEREMONY_ADMINISTRATORS = 2
const CEREMONY_KEY_PARTS = 2
const PART_BYTES = 32

const README = `FOR DEVELOPMENT ONLY. DO NOT PROTECT ANYTHING WITH THESE KEYS.

Keywitness was started in its development profile. So that keys can be used at once, it made itself administrators and
master key parts for the crypto units of each instance and left them here, one folder per instance:

  administrator-<n>.key.pem     a P-521 signature key; two of them together may do anything to the crypto units
  administrator-<n>.certificate the certificate by which the units know it (DER)
  master-key-part-<n>.hex       a part of the master key; the parts together open every key of the instance

WHOEVER CAN READ THIS FOLDER OWNS EVERY KEY OF EVERY INSTANCE. In a real ceremony each administrator and each key part
belongs to a different person, is made on that person's own machine, and never lies beside the others.

The production profile makes none of these files, starts with uninitialised crypto units, and refuses this data folder.
`

interface CeremonyAdministrator {
  readonly ski: string
  readonly certificate: Uint8Array
  readonly key: KeyObject
}

export interface CeremonySecrets {
  readonly administrators: readonly CeremonyAdministrator[]
  /** Fresh copies; the caller zeroes them. */
  readonly keyParts: () => Uint8Array[]
}

/**
 * Reads an instance's ceremony files and makes those that are missing, all 0600. They are on disk before any unit
 * gets to know them, so that a ceremony cut short can be finished.
 */
export function ceremonySecrets(dataFolder: string, instance: string): CeremonySecrets {
  const ceremonies = join(dataFolder, 'ceremony')
  const folder = join(ceremonies, instance)
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  const readme = join(ceremonies, 'README')
  if (!existsSync(readme)) writeDurably(readme, README)
  const parts = numbers(CEREMONY_KEY_PARTS).map((number) => join(folder, `master-key-part-${number}.hex`))
  for (const part of parts) if (!existsSync(part)) writeDurably(part, `${randomBytes(PART_BYTES).toString('hex')}\n`)
  return {
    administrators: numbers(CEREMONY_ADMINISTRATORS).map((number) => administrator(folder, number)),
    keyParts: () => parts.map((part) => new Uint8Array(Buffer.from(readFileSync(part, 'latin1').trim(), 'hex'))),
  }
}

function administrator(folder: string, number: number): CeremonyAdministrator {
  const keyFile = join(folder, `administrator-${number}.key.pem`)
  const certificateFile = join(folder, `administrator-${number}.certificate`)
  if (!existsSync(keyFile)) {
    const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-521' })
    writeDurably(keyFile, privateKey.export({ format: 'pem', type: 'pkcs8' }))
  }
  const key = createPrivateKey(readFileSync(keyFile))
  if (!existsSync(certificateFile)) {
    writeDurably(certificateFile, createAdministratorCertificate(`development ${number}`, key))
  }
  return { ski: administratorSki(key), certificate: readFileSync(certificateFile), key }
}

function numbers(count: number): number[] {
  return Array.from({ length: count }, (_, index) => index + 1)
}
