/** The machine and the versions a run was measured with. */
import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { cpus, release, totalmem } from 'node:os'
import { barbicanVersion } from '../peers/barbican.ts'
import { postgresVersion } from '../peers/postgres.ts'
import { pykmipVersion } from '../peers/pykmip.ts'
import { softHsmVersion } from '../peers/softhsm.ts'

export interface Machine {
  readonly processor: string
  readonly cores: number
  readonly memoryGb: number
  readonly system: string
  readonly disk: string
  readonly versions: Readonly<Record<string, string>>
}

export function describeMachine(folder: string): Machine {
  const processors = cpus()
  return {
    processor: processors[0]?.model.trim() ?? 'unknown',
    cores: processors.length,
    memoryGb: Math.round(totalmem() / 2 ** 30),
    system: `${debian()}, kernel ${release()}`,
    disk: `${printed('stat', ['-f', '-c', '%T', folder])} on ${printed('df', ['--output=source', folder]).split('\n').at(-1)}`,
    versions: {
      node: process.version,
      sqlite: process.versions.sqlite ?? 'unknown',
      openssl: process.versions.openssl,
      peers: `${postgresVersion()}; ${barbicanVersion()}; ${pykmipVersion()}; ${softHsmVersion()}; ${printed('gcc', ['--version']).split('\n')[0]}`,
    },
  }
}

/** A short name for files: cores and processor. */
export function machineName({ cores, processor }: Machine): string {
  const words = processor.toLowerCase().replaceAll(/\(r\)|\(tm\)|cpu|processor|@.*/g, '')
  return `${cores}-cores-${words.trim().replaceAll(/[^a-z0-9]+/g, '-')}`
}

/** The commit measured; `+` when the work tree holds other than that. */
export function commit(): string {
  const hash = printed('git', ['rev-parse', '--short=12', 'HEAD'])
  return printed('git', ['status', '--porcelain', '--', 'packages']) === '' ? hash : `${hash}+`
}

export function load(): number {
  return Number(readFileSync('/proc/loadavg', 'utf8').split(' ')[0])
}

function debian(): string {
  return /PRETTY_NAME="(.*)"/.exec(readFileSync('/etc/os-release', 'utf8'))?.[1] ?? 'unknown'
}

function printed(file: string, words: readonly string[]): string {
  return execFileSync(file, words, { encoding: 'utf8' }).trim()
}
