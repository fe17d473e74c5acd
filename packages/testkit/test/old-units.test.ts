/** Crypto units of data folders from earlier versions: they answer TKE clients, obey the old ceremony's keys, and can be zeroized without a trace. */
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { zstdDecompressSync } from 'node:zlib'
import { afterEach, expect, test } from 'vitest'
import type { MadeFixture } from '../src/fixture-life.ts'
import { filesHolding } from '../src/files-holding.ts'
import {
  ceremonyAdministrators,
  ceremonyParts,
  Client,
  newTkeAdministrator,
  type Product,
  startProduct,
  TkeCommands,
} from '../src/index.ts'

const fixtures = join(import.meta.dirname, '../fixtures')
/** Stores from before states had slots of one length. */
const SLOTS_SINCE = 23
const names = readdirSync(fixtures, { withFileTypes: true }).flatMap((entry) => {
  if (!entry.isDirectory()) return []
  const made = JSON.parse(readFileSync(join(fixtures, entry.name, 'made.json'), 'utf8')) as MadeFixture
  return made.schemas.server < SLOTS_SINCE ? [entry.name] : []
})

let data = ''
let product: Product
let client: Client

afterEach(async () => {
  await product.stop()
  rmSync(data, { recursive: true, force: true })
})

function unpack(name: string): MadeFixture {
  data = mkdtempSync(join(tmpdir(), 'keywitness-old-units-'))
  const folder = join(fixtures, name)
  const tar = zstdDecompressSync(readFileSync(join(folder, 'stopped.tar.zst')))
  execFileSync('tar', ['-C', data, '-xf', '-'], { input: tar })
  return JSON.parse(readFileSync(join(folder, 'made.json'), 'utf8')) as MadeFixture
}

/** Sealed states as the version before left them. */
function oldStates(): Buffer[] {
  const store = new DatabaseSync(join(data, 'server.db'), { readOnly: true })
  try {
    const rows = store.prepare('SELECT sealed FROM unit_states').all() as { sealed: Uint8Array }[]
    return rows.map(({ sealed }) => Buffer.from(sealed))
  } finally {
    store.close()
  }
}

/** Files that hold a piece of 16 bytes of any of these, whatever its header. */
function filesWith(sealed: readonly Buffer[]): string[] {
  const pieces = sealed.flatMap((state) =>
    Array.from({ length: Math.floor((state.length - 96) / 16) }, (_, at) =>
      state.subarray(96 + 16 * at, 112 + 16 * at),
    ),
  )
  return filesHolding(data, (content) => pieces.some((piece) => content.includes(piece)))
}

async function start({ stopped }: MadeFixture): Promise<TkeCommands> {
  const ahead = Math.round((Date.parse(stopped.at) + 60_000 - Date.now()) / 1_000)
  product = await startProduct({ data, fault: `clock:ahead@${ahead}` })
  client = await new Client(product).signIn()
  return new TkeCommands(client, product.instance, ceremonyAdministrators(data, product.instance))
}

test.each(names)(
  '%s: its units obey its administrators, open its keys, and leave nothing when zeroized',
  async (name) => {
    const made = unpack(name)
    const states = oldStates()
    expect(states.length).toBeGreaterThanOrEqual(3)
    const tke = await start(made)
    const opened = async (): Promise<unknown[]> => {
      const replies = made.life.wrapped.map(({ key, ciphertext, aad }) =>
        client.call<{ plaintext: string }>('POST', `/api/v2/keys/${key}/actions/unwrap`, {
          body: { ciphertext, ...(aad === undefined ? {} : { aad }) },
        }),
      )
      return (await Promise.all(replies)).map(({ json, status }) => json.plaintext ?? status)
    }

    const units = await tke.units()
    expect(units.map(({ state }) => state)).toEqual(['ready', 'ready', 'ready'])
    for (const unit of units) {
      expect(unit.serial_number).toMatch(/^SOFT[123]\d{3}$/)
      expect(unit.serial_number[4]).toBe(/AZ(\d)/.exec(unit.location)?.[1])
      expect((await tke.ask(unit, 'ADMINISTRATORS')).payload.length).toBe(64)
      expect((await tke.ask(unit, 'DEVICE_CERTIFICATE', Buffer.alloc(4))).returnCode).toBe(0)
      const added = await tke.carryOut(unit, 'ADD_ADMINISTRATOR', newTkeAdministrator('of today').certificate)
      expect((await client.event(added.eventId)).outcome).toBe('success')
    }
    expect(await opened()).toEqual(made.life.wrapped.map(({ plaintext }) => plaintext))

    for (const unit of units) await tke.carryOut(unit, 'ZEROIZE')
    expect(await tke.states()).toEqual(['imprint', 'imprint', 'imprint'])
    expect(filesWith(states)).toEqual([])
    expect(new Set(await opened())).toEqual(new Set([503]))

    await product.stop()
    const again = await start(made)
    expect(await again.states()).toEqual(['imprint', 'imprint', 'imprint'])
    expect(filesWith(states)).toEqual([])
    for (const unit of await again.units()) await again.lead(unit, ceremonyParts(data, product.instance))
    expect(await opened()).toEqual(made.life.wrapped.map(({ plaintext }) => plaintext))
  },
  60_000,
)
