/** Processor time of a running process by thread, from Linux's accounting: it counts work, not waiting. */
import { execFileSync } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import type { Product } from '../../packages/testkit/src/index.ts'
import { median } from '../harness/statistics.ts'

/** Microseconds of processor time, and bytes written, per answer. */
export interface AnswerCost {
  readonly serving: number
  readonly trail: number
  /** V8's own threads: collecting garbage, compiling. */
  readonly engine: number
  readonly unit: number
  /** Bytes the server handed to the disk, all its threads. */
  readonly written: number
}

/** Begins to count; what it returns is told the number of answers and counts what was used since. */
export function answerCost(product: Product): (answers: number) => AnswerCost {
  const used = (): AnswerCost => {
    const server = cpuSeconds(product.pid)
    const unit = product.unitPid === undefined ? new Map<string, number>() : cpuSeconds(product.unitPid)
    return {
      serving: server.get('main') ?? 0,
      trail: server.get('WorkerThread') ?? 0,
      engine: server.get('V8Worker') ?? 0,
      unit: [...unit.values()].reduce((sum, one) => sum + one, 0),
      written: bytesWritten(product.pid) / 1e6,
    }
  }
  const before = used()
  return (answers) => {
    const after = used()
    const per = (part: keyof AnswerCost): number => ((after[part] - before[part]) * 1e6) / answers
    return {
      serving: per('serving'),
      trail: per('trail'),
      engine: per('engine'),
      unit: per('unit'),
      written: per('written'),
    }
  }
}

/** Processor time that a process has used so far, all its threads. */
export function cpuMicroseconds(pid: number): number {
  return [...cpuSeconds(pid).values()].reduce((sum, one) => sum + one, 0) * 1e6
}

/** Medians of several rounds, as text. */
export function medianCost(costs: readonly AnswerCost[]): string {
  const of = (part: keyof AnswerCost): string => Math.round(median(costs.map((cost) => cost[part]))).toString()
  return `serving thread ${of('serving')} µs, trail threads ${of('trail')} µs, V8's own threads ${of('engine')} µs, crypto unit ${of('unit')} µs; ${of('written')} bytes written`
}

/** Bytes a process has caused to be written to the disk (proc_pid_io(5)). */
function bytesWritten(pid: number): number {
  return Number(/^write_bytes: (\d+)/m.exec(readFileSync(`/proc/${pid}/io`, 'utf8'))?.[1])
}

/** Seconds used so far by thread name; the first thread of a process is called `main`. */
function cpuSeconds(pid: number): Map<string, number> {
  const perSecond = Number(execFileSync('getconf', ['CLK_TCK'], { encoding: 'utf8' }))
  const used = new Map<string, number>()
  for (const thread of readdirSync(`/proc/${pid}/task`)) {
    const [, name = '', rest = ''] =
      /\((.*)\) (.*)/.exec(readFileSync(`/proc/${pid}/task/${thread}/stat`, 'utf8')) ?? []
    // Fields 14 and 15 of proc_pid_stat(5), user and system time; `rest` begins with field 3.
    const [user, system] = rest.split(' ').slice(11, 13).map(Number) as [number, number]
    const key = Number(thread) === pid ? 'main' : name
    used.set(key, (used.get(key) ?? 0) + (user + system) / perSecond)
  }
  return used
}
