/** Crypto units on the command line, against a whole product in production: from imprint mode to keys, rotation, recovery. */
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { run } from '../../cli/src/run.ts'
import { type Output, processSurroundings, type Surroundings } from '../../cli/src/surroundings.ts'
import { createKeyPart } from '../../cli/src/tke/key-part-files.ts'
import { createSignatureKey } from '../../cli/src/tke/signature-keys.ts'
import { StateFolder } from '../../cli/src/tke/state-folder.ts'
import { newDataFolder, type Product, startProduct } from '../src/index.ts'

// Nobody is asked, whatever this runs at.
const { ask: _ask, askText: _askText, confirm: _confirm, ...real } = processSurroundings()
/** Cheap, for tests only. */
const cost = 1_024

let product: Product
let home: string
let password: string

beforeAll(async () => {
  home = mkdtempSync(join(tmpdir(), 'keywitness-tke-'))
  password = join(home, 'password')
  writeFileSync(password, 'correct horse battery')
  const folder = await StateFolder.of({ environment: { KEYWITNESS_HOME: home }, home })
  for (const name of ['Ana', 'Ben', 'Cem'])
    await createSignatureKey(folder, name, 'correct horse battery', 'p521ec', cost)
  for (const byte of [0x11, 0x22, 0x44]) {
    const part = Buffer.from(`${byte.toString(16)}5a`.repeat(16), 'hex')
    await createKeyPart(folder, part, `part ${byte}`, 'correct horse battery', cost)
  }
  product = await startProduct({ data: newDataFolder(), env: { KEYWITNESS_PROFILE: 'production' } })
})
afterAll(async () => {
  await product.stop()
  product.remove()
  rmSync(home, { recursive: true })
})

/** Runs a command line inside this process, with the clock and the network as they are. */
async function command(words: string): Promise<{ code: number; stdout: string; stderr: string }> {
  let stdout = ''
  let stderr = ''
  const output = (take: (text: string) => void): Output => ({ isTerminal: false, columns: undefined, write: take })
  const io: Surroundings = {
    ...real,
    environment: {
      KEYWITNESS_HOME: home,
      KEYWITNESS_URL: product.url,
      KEYWITNESS_API_KEY: product.apiKey,
      KEYWITNESS_LOCATION: product.location,
      KEYWITNESS_INSTANCE: product.instance,
    },
    out: output((text) => void (stdout += text)),
    err: output((text) => void (stderr += text)),
  }
  return { code: await run(words.split(' '), io), stdout, stderr }
}

async function good(words: string): Promise<string> {
  const { code, stdout, stderr } = await command(words)
  expect(code, `${words}: ${stdout}${stderr}`).toBe(0)
  return stdout
}

/** A command that is signed and agreed to. */
function signed(words: string): Promise<string> {
  return good(`tke ${words} --yes --password-file ${password}`)
}

const all = '--unit 1 --unit 2 --unit 3'

async function currentPatterns(): Promise<string[]> {
  const { units } = JSON.parse(await good(`tke cryptounit-mk ${all} --output json`)) as {
    units: { currentMasterKeyRegister: { pattern: string } }[]
  }
  return units.map(({ currentMasterKeyRegister }) => currentMasterKeyRegister.pattern)
}

test('a recovery unit initialises all units, and keys can be made', async () => {
  expect((await good('tke cryptounits')).match(/imprint/g)).toHaveLength(3)
  expect(await command('keys create too-early')).toMatchObject({ code: 3 })
  await good('tke root')
  await signed('auto-init --signature 2 --revocation 2 --admin 1 --admin 2 --admin 3')
  await good(`tke cryptounit-compare ${all}`)
  expect((await good('tke cryptounits')).match(/ready/g)).toHaveLength(3)
  await good('keys create first --alias first-key')
  await good(`tke cryptounit-add ${all}`)
  await good('tke sigkey-sel --key 1 --key 2 --key 3')
})

test('the master key is rotated to one of key parts, then to one that a recovery unit makes', async () => {
  const [before] = await currentPatterns()
  await signed('cryptounit-mk-load --part 1 --part 2 --part 3')
  await signed('cryptounit-mk-commit')
  await signed('cryptounit-mk-rotate')
  const [parts] = await currentPatterns()
  expect(parts).not.toBe(before)
  await signed('auto-mk-rotate')
  const patterns = await currentPatterns()
  expect(new Set(patterns).size).toBe(1)
  expect(patterns[0]).not.toBe(parts)
  await good('keys rotate first-key')
  await good('keys create second')
})

test('a unit that was zeroized is set up again, with the master key of a recovery unit', async () => {
  const before = await currentPatterns()
  const { units } = JSON.parse(await good('tke cryptounits --json')) as { units: { location: string }[] }
  await signed(`cryptounit-zeroize --unit 2 --location ${units[1]?.location}`)
  expect(await command('tke cryptounit-compare')).toMatchObject({ code: 1 })
  for (const number of [1, 2, 3]) await signed(`cryptounit-admin-add --admin ${number}`)
  await signed('cryptounit-thrhld-set --signature 2 --revocation 2')
  await signed('auto-recover')
  await good('tke cryptounit-compare')
  expect(await currentPatterns()).toEqual(before)
})

test('administrators and control points change, and the current register is cleared only with consent', async () => {
  await signed('cryptounit-cp-btc')
  await signed('cryptounit-cp 66 --unset')
  await signed('cryptounit-admin-rm --admin Cem --accept lost-key-locks-out')
  await signed('cryptounit-admin-add --admin 3')
  await signed('cryptounit-mk-clrcur --unit 2 --accept keys-become-unusable')
  await signed('auto-recover')
  await signed('cryptounit-thrhld-set --signature 2 --revocation 3 --accept lost-key-stays')
  expect(await command('tke cryptounit-compare')).toMatchObject({ code: 0 })
})

test('the trail’s events carry the hashes of the very requests that were kept here', async () => {
  const lines = readFileSync(join(home, 'tke', 'commands.jsonl'), 'utf8')
    .trim()
    .split('\n')
  const kept = lines.map(
    (line) => JSON.parse(line) as { command: string; requestHash: string; response: string | null },
  )
  expect(kept.every(({ response }) => response !== null)).toBe(true)
  const found = new Set<string>()
  const trail = await good('events list --limit 1000 --json -q action:hs-crypto.tke*')
  for (const [, hash = ''] of trail.matchAll(/"requestHash":\s*"([0-9a-f]{64})"/g)) found.add(hash)
  expect(kept.length).toBeGreaterThan(40)
  expect(kept.filter(({ requestHash }) => !found.has(requestHash)).map(({ command: name }) => name)).toEqual([])
})

test('the transcript of all of it names everybody, is signed by them, and is the same from its evidence alone', async () => {
  const page = join(home, 'ceremony.html')
  await good(`tke transcript --from -1h -o ${page}`)
  const html = readFileSync(page, 'utf8')
  for (const name of ['Ana', 'Ben', 'Cem']) expect(html).toContain(`${name} (`)
  const text = await good(`tke transcript ${page}.evidence`)
  expect(text).toContain('nothing was left out')
  expect(await good(`tke transcript ${page}.evidence`)).toBe(text)
  const signatures = join(home, 'ceremony.signatures')
  const asked = `tke transcript ${page}.evidence --signatures ${signatures}`
  expect(await good(`${asked} --sign 1 --sign 2 --password-file ${password}`)).toMatch(
    /✓ signed by Ana.*\n✓ signed by Ben/,
  )
  expect(await good(asked)).toContain('not signed by Cem')
  const altered = readFileSync(signatures, 'utf8').replace(/("transcript": ")./, '$1z')
  writeFileSync(signatures, altered)
  expect(await command(asked)).toMatchObject({ code: 1, stderr: expect.stringContaining('another transcript') })
})

test('a unit whose state was set back is stale, and goes on once its administrators have vouched for it', async () => {
  const { data, http } = product
  // What is selected and pinned is remembered of a server's address.
  const again = { data, env: { KEYWITNESS_PROFILE: 'production', KEYWITNESS_HTTP: http } }
  const kept = mkdtempSync(join(tmpdir(), 'keywitness-kept-'))
  await product.stop()
  cpSync(join(data, 'server.db'), join(kept, 'server.db'))
  product = await startProduct(again)
  await signed('cryptounit-cp-eddsa --unit 1')
  await product.stop()
  for (const name of ['server.db', 'server.db-wal', 'server.db-shm']) rmSync(join(data, name), { force: true })
  cpSync(join(kept, 'server.db'), join(data, 'server.db'))
  rmSync(kept, { recursive: true })
  product = await startProduct(again)
  expect((await good('tke cryptounits')).match(/stale/g)).toHaveLength(1)
  const refused = await command(`tke cryptounit-cp-eddsa --unit 1 --yes --password-file ${password}`)
  expect(refused).toMatchObject({ code: 2, stderr: expect.stringContaining('cryptounit-confirm') })
  await signed('cryptounit-confirm --unit 1 --accept another-life')
  expect((await good('tke cryptounits')).match(/ready/g)).toHaveLength(3)
  await signed('cryptounit-cp-eddsa')
  await good('keys create third')
})

test('failover units are added, set up by the command that set up the others, and stand in when those lose the key', async () => {
  expect(await command('tke failover-enable --number 3 --region us-east --yes')).toMatchObject({ code: 2 })
  await good('tke failover-enable --number 2 --region us-east --yes')
  const states = async (): Promise<string[]> => {
    const { units } = JSON.parse(await good('tke cryptounits --json')) as { units: { type: string; state: string }[] }
    return units.map(({ type, state }) => `${type} ${state}`)
  }
  expect((await states()).slice(3)).toEqual(['failover imprint', 'failover imprint'])
  await signed('auto-init --signature 2 --revocation 3 --admin 1 --admin 2 --admin 3 --accept lost-key-stays')
  await signed('cryptounit-cp-eddsa --unit 4 --unit 5')
  await good(`tke cryptounit-add ${all} --unit 4 --unit 5`)
  await good('tke cryptounit-compare')
  expect((await states()).filter((state) => state.endsWith('ready'))).toHaveLength(5)
  await signed('auto-mk-rotate')
  await signed('cryptounit-mk-clrcur --unit 1 --unit 2 --accept keys-become-unusable')
  expect(await states()).toEqual([
    'operational no_master_key',
    'operational no_master_key',
    'recovery ready',
    'failover serving',
    'failover serving',
  ])
  await good('keys create fourth')
  await signed('auto-recover')
  await good('tke cryptounit-compare')
  expect((await states()).filter((state) => state.endsWith('ready'))).toHaveLength(5)
})
