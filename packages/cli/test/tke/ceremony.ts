/** People with signature keys and key parts at a terminal before simulated units: what tests of `keywitness tke` begin with. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createAdministratorCertificate } from '@keywitness/crypto-unit/tke/administrator-certificate'
import { createKeyPart } from '../../src/tke/key-part-files.ts'
import { createSignatureKey, openSignatureKey, readSignatureKey } from '../../src/tke/signature-keys.ts'
import { StateFolder } from '../../src/tke/state-folder.ts'
import { type Terminal, terminalAt } from '../in-process.ts'
import { instance, UnitServer } from './unit-server.ts'

export const password = 'correct horse battery'
/** Cheap, for tests only. */
const cost = 1_024

export interface Ceremony {
  readonly server: UnitServer
  readonly terminal: Terminal
  readonly folder: StateFolder
  /** Subject key identifiers of the signature keys, in the order of their numbers. */
  readonly skis: readonly string[]
  readonly parts: readonly Buffer[]
  /** Runs a command of `tke` with passwords at hand. */
  tke(words: string): ReturnType<Terminal['keywitness']>
  /** The same, agreed to. */
  yes(words: string): ReturnType<Terminal['keywitness']>
}

/** Three administrators, three key parts, and units 1 and 2 selected unless other units are. */
export async function ceremony(selected: readonly number[] = [1, 2]): Promise<Ceremony> {
  const server = await UnitServer.start()
  const terminal = terminalAt(server.http)
  terminal.environment['KEYWITNESS_INSTANCE'] = instance
  const folder = await StateFolder.of({ environment: terminal.environment, home: terminal.folder })
  const skis: string[] = []
  for (const name of ['Ana', 'Ben', 'Cem']) {
    skis.push((await createSignatureKey(folder, name, password, 'p521ec', cost)).ski)
  }
  const parts = [0x11, 0x22, 0x44].map((byte) => Buffer.from(`${byte.toString(16)}5a`.repeat(16), 'hex'))
  for (const [at, part] of parts.entries()) await createKeyPart(folder, part, `part ${at + 1}`, password, cost)
  const file = join(terminal.folder, 'password')
  writeFileSync(file, `${password}\n`)
  const tke = (words: string): ReturnType<Terminal['keywitness']> => terminal.keywitness(`tke ${words}`)
  const yes = (words: string): ReturnType<Terminal['keywitness']> => tke(`${words} --yes --password-file ${file}`)
  await tke(`cryptounit-add ${selected.map((number) => `--unit ${number}`).join(' ')}`)
  await tke('sigkey-sel --key 1 --key 2 --key 3')
  return { server, terminal, folder, skis, parts, tke, yes }
}

/** Permissions that units have once imprint mode is left. */
const permissionBits = { operational: 0x01ff_2055, recovery: 0x01ff_205f, failover: 0x01ff_2055 } as const

/** The selected units administered by all three, with thresholds of two. */
export async function administered(selected: readonly number[] = [1, 2]): Promise<Ceremony> {
  const made = await ceremony(selected)
  const certificates: Buffer[] = []
  for (const number of [1, 2, 3]) {
    const file = await readSignatureKey(made.folder, number)
    const key = await openSignatureKey(made.folder, file, password)
    certificates.push(createAdministratorCertificate(file.description, key))
  }
  for (const number of selected) {
    const unit = made.server.unit(number)
    unit.administer(certificates, 2, permissionBits[unit.place.kind])
  }
  return made
}

/** And with a master key of the parts. */
export async function keyed(selected: readonly number[] = [1, 2]): Promise<Ceremony> {
  const made = await administered(selected)
  for (const number of selected) made.server.unit(number).hold(made.parts)
  return made
}
