/** Faults of the commit point: what a COMMIT can do besides succeed. */
import type { ServerFaults } from '@keywitness/server'

/** Holds the thread as a disk that does not answer would. */
function hold(milliseconds: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, milliseconds)
}

/**
 * `commit:stall@N` the N-th COMMIT never returns; `commit:slow@N` it and all later ones take a second;
 * `commit:fail@N` it reports an error and is not written; `commit:lie@N` it is written and reports an error.
 */
export function faultOf(text: string): ServerFaults {
  const match = /^commit:(stall|slow|fail|lie)@(\d+)$/.exec(text)
  if (match === null) throw new Error(`no such fault: ${text}`)
  const [, kind, at] = match
  const nth = Number(at)
  let count = 0
  return {
    commit: (store) => {
      count += 1
      if (kind === 'slow' && count >= nth) hold(1_000)
      if (count !== nth) {
        store.exec('COMMIT')
        return
      }
      if (kind === 'stall') hold(60_000)
      if (kind === 'fail') store.exec('ROLLBACK')
      else store.exec('COMMIT')
      if (kind !== 'slow') throw new Error(`the COMMIT was made to ${kind}`)
    },
  }
}
