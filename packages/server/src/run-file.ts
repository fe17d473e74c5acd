/** `run.json`: tells others where the running server listens; there only while it is ready. */
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { writeDurably } from './data-folder.ts'

export interface RunFile {
  readonly pid: number
  /** `host:port` of each listener. */
  readonly http: string
  readonly httpPrivate: string
  /** Not there while KMIP is off. */
  readonly kmip?: string | undefined
  /** Not there while they are off. */
  readonly ep11?: string | undefined
  readonly ep11Private?: string | undefined
  /** Address of the console. */
  readonly console: string
  /** First instance's GUID and its location. */
  readonly instance: string
  readonly location: string
  /** Process of the crypto units. */
  readonly unitPid: number | undefined
}

export function writeRunFile(dataFolder: string, run: RunFile): void {
  writeDurably(join(dataFolder, 'run.json'), `${JSON.stringify(run, undefined, 2)}\n`)
}

export function removeRunFile(dataFolder: string): void {
  rmSync(join(dataFolder, 'run.json'), { force: true })
}
