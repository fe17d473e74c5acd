/** Calibration: how fast the machine itself is right now, by a bare HTTP echo and a C program that syncs. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { httpLoad } from '../load/http-load.ts'
import { short, spread } from './statistics.ts'
import type { Workshop } from './workshop.ts'

/** What the machine is measured by: requests, or synced writes, per second. */
export type Yardstick = 'echo' | 'sync'

type Sample = Readonly<Record<Yardstick, number>>

/** Calibrations of a row may differ by this factor; beyond it a ratio says more about the machine than about us. */
export const spreadMax = 2

const secondsEach = 1
/** The body of a wrap request, and an event's bytes: what the rows move about too. */
const echoBody = JSON.stringify({ plaintext: 'A'.repeat(44), aad: ['bench'] })
const eventBytes = 1_240

export class Calibration {
  readonly #workshop: Workshop
  readonly #samples: Sample[] = []

  constructor(workshop: Workshop) {
    this.#workshop = workshop
  }

  get samples(): readonly Sample[] {
    return this.#samples
  }

  mark(): number {
    return this.#samples.length
  }

  async measure(): Promise<void> {
    const echo = await this.#echo()
    const sync = await this.#sync()
    this.#samples.push({ echo, sync })
  }

  /** What to say when the calibrations since a mark are too far apart; undefined when they are not. */
  movedSince(mark: number, kinds: readonly Yardstick[]): string | undefined {
    const samples = this.#samples.slice(mark)
    const moved = kinds.flatMap((kind) => {
      const by = spread(samples.map((sample) => sample[kind]))
      return by > spreadMax ? [`${kind} moved by ${short(by)} times`] : []
    })
    return moved.length === 0 ? undefined : `the machine itself was not steady: ${moved.join(', ')}`
  }

  async #echo(): Promise<number> {
    const port = await this.#workshop.shared('echo', () => startEcho(this.#workshop))
    const request = { host: '127.0.0.1', port, method: 'POST', path: '/', body: echoBody, status: 200, text: '"aad"' }
    const report = await httpLoad(this.#workshop, request, { connections: 64, warmUp: 0.3, seconds: secondsEach })
    return report.perSecond
  }

  async #sync(): Promise<number> {
    const bytes = join(this.#workshop.folder, 'calibration-bytes')
    writeFileSync(bytes, Buffer.alloc(eventBytes, 'e'))
    return await syncedWrites(this.#workshop, bytes, secondsEach, 'growing')
  }
}

/** Starts the echo; answers its port. */
export async function startEcho(workshop: Workshop): Promise<number> {
  const child = workshop.start(process.execPath, [join(import.meta.dirname, '../peers/echo.ts')])
  return await new Promise((resolve, reject) => {
    child.stdout?.once('data', (line: Buffer) => resolve(Number(line.toString())))
    child.once('exit', (code) => reject(new Error(`the echo ended with ${code}`)))
  })
}

/** Commits per second of the C program that writes the bytes of a file and syncs, again and again. */
export async function syncedWrites(
  workshop: Workshop,
  bytes: string,
  seconds: number,
  mode: 'growing' | 'preallocated',
): Promise<number> {
  const program = workshop.compiled('peers/sync-write.c')
  const words = [join(workshop.folder, 'sync-write.data'), bytes, String(seconds), mode]
  const printed = await workshop.json<{ commits: number; seconds: number }>(program, words)
  return printed.commits / printed.seconds
}
