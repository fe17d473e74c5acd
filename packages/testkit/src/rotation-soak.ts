/** Many rotations of one master key, each with the server or the units' process killed somewhere in it: no key may be lost. */
import { randomBytes, randomInt } from 'node:crypto'
import { readFileSync, rmSync } from 'node:fs'
import { Client } from './client.ts'
import { newDataFolder, type Product, startProduct } from './product.ts'
import { blobsByPattern, bringAll, type FilledKey, fillKeys, rotationAt, unopened } from './rotation-keys.ts'
import { ceremonyAdministrators, TkeCommands } from './tke-commands.ts'

export interface RotationSoakReport {
  readonly rotations: number
  readonly kills: number
  readonly wrong: readonly string[]
}

const keyCount = 600

interface House {
  readonly product: Product
  readonly client: Client
  readonly tke: TkeCommands
}

async function open(data: string): Promise<House> {
  const product = await startProduct({ data, fault: 'keys:impatient' })
  const client = await new Client(product).signIn()
  const tke = new TkeCommands(client, product.instance, ceremonyAdministrators(data, product.instance))
  return { product, client, tke }
}

/** Kills the server, or the process of its units. @returns what goes on */
async function kill(data: string, { product, client, tke }: House): Promise<House> {
  if (randomInt(3) > 0) {
    await product.kill()
    return await open(data)
  }
  const children = readFileSync(`/proc/${product.pid}/task/${product.pid}/children`, 'latin1').trim().split(' ')
  // None while the one before is still being replaced.
  for (const child of children.filter((text) => text !== '')) process.kill(Number(child), 'SIGKILL')
  return { product, client, tke }
}

/** Tries again while the units are away. */
async function patiently<T>(act: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await act()
    } catch (error) {
      if (attempt === 100) throw error
      await new Promise((resolve) => setTimeout(resolve, 100))
    }
  }
}

async function activateAll(tke: TkeCommands, pattern: string): Promise<void> {
  for (const unit of await tke.units()) {
    const current = Buffer.from((await tke.ask(unit, 'CURRENT_PATTERN')).payload).toString('hex')
    if (current === pattern) continue
    const { code, status, body } = await tke.activate(unit, pattern)
    if (code !== '0/0') throw new Error(`no activation: ${status} ${code} ${body}`)
  }
}

export async function rotationSoak(rotations: number, say: (line: string) => void): Promise<RotationSoakReport> {
  const data = newDataFolder()
  let house = await open(data)
  let kills = 0
  const keys: FilledKey[] = await fillKeys(house.client, keyCount)
  const wrong: string[] = []
  const killSometimes = async (): Promise<void> => {
    if (randomInt(2) === 0) return
    await new Promise((resolve) => setTimeout(resolve, randomInt(400)))
    house = await kill(data, house)
    kills += 1
  }
  let done = 0
  while (done < rotations && wrong.length === 0) {
    const parts = [randomBytes(32), randomBytes(32)]
    const pattern = await patiently(() => bringAll(house.tke, parts))
    const begun = await patiently(async () => {
      const reply = await house.tke.rotation('PUT')
      if (reply.status !== 200) throw new Error(reply.text)
      return reply
    })
    await killSometimes()
    await killSometimes()
    await patiently(() => rotationAt(house.tke, 'rewrapped'))
    await Promise.all([patiently(() => activateAll(house.tke, pattern)), killSometimes()])
    await patiently(() => activateAll(house.tke, pattern))
    const { status } = (await house.tke.rotation()).json
    if (status !== 'finished') wrong.push(`the rotation is ${status} after all units activated`)
    wrong.push(...(await unopened(house.client, keys)))
    const others = Object.keys(blobsByPattern(data)).filter((one) => one !== pattern)
    if (others.length > 0) wrong.push(`blobs are left under ${others.join(', ')}`)
    done += 1
    say(`${String(done).padStart(4)}/${rotations}  ${begun.json.total} blobs, ${kills} kills so far`)
  }
  await house.product.stop()
  if (wrong.length === 0) rmSync(data, { recursive: true, force: true })
  else say(`The data folder is kept: ${data}`)
  return { rotations: done, kills, wrong }
}
