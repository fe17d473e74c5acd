/** How far a long command has come: a bar on a terminal, nothing elsewhere. */
import { Presets, SingleBar } from 'cli-progress'
import { formatBytes, formatCount } from './printable.ts'
import type { Surroundings } from './surroundings.ts'

export interface Progress {
  /** Done of `total`, and bytes so far. */
  update(done: number, total: number, bytes: number): void
  stop(): void
}

/** A bar with the count of entries and the rate of bytes, on the error output so that results can be piped. */
export function logProgress(io: Surroundings): Progress {
  const { stream } = io.err
  if (stream === undefined) return { update: () => undefined, stop: () => undefined }
  const began = io.now()
  const bar = new SingleBar(
    { stream, format: '{bar} {percentage} % | {entries} entries | {rate}/s', hideCursor: true, clearOnComplete: true },
    Presets.shades_classic,
  )
  let isStarted = false
  return {
    update: (done, total, bytes) => {
      const seconds = Math.max(0.001, (io.now() - began) / 1000)
      const payload = {
        entries: `${formatCount(done)} of ${formatCount(total)}`,
        rate: formatBytes(Math.round(bytes / seconds)),
      }
      if (isStarted) bar.update(done, payload)
      else bar.start(total, done, payload)
      isStarted = true
    },
    stop: () => bar.stop(),
  }
}

/** A line that says what is waited for, on a terminal, and goes away. */
export function waiting(io: Surroundings, text: string): { stop(): void } {
  if (!io.err.isTerminal) return { stop: () => undefined }
  io.err.write(`${text} …`)
  return { stop: () => io.err.write('\r\u001b[2K') }
}
