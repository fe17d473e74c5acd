/** What a thread of the trail gets of a machine that is full: less than the calls that wait for their answers. */
import { readlinkSync } from 'node:fs'
import { constants, getPriority, setPriority } from 'node:os'

/** By so much nicer than the process: a tenth of what each other thread gets (nice(2)), and all that nobody else wants. */
const nicer = 10

/**
 * Lets the calling thread, and whatever threads it begins from now on, step back behind those that serve. What is recorded
 * is durable before; the trail takes it in from there, a little later on a full machine. Where a thread cannot be told from
 * its process (Linux can, by sched(7)), nothing changes.
 */
export function stepBack(): void {
  if (process.platform !== 'linux') return
  try {
    // "<process>/task/<thread>", of whichever thread asks (proc(5)).
    const thread = Number(readlinkSync('/proc/thread-self').split('/')[2])
    if (!(thread > 0) || thread === process.pid) return
    setPriority(thread, Math.min(constants.priority.PRIORITY_LOW, getPriority(process.pid) + nicer))
  } catch {
    // Nothing depends on it but who waits for whom.
  }
}
