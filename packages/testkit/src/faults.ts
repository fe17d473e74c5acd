/** Faults: what a COMMIT can do besides succeed, a door that records nothing, a clock that is ahead, keys that need no waiting. */
import type { Audit, ServerFaults } from '@keywitness/server'

const impatient = {
  enableAfterMs: 0,
  restoreAfterMs: 0,
  purgeAfterMs: 0,
  syncIntervalMs: 0,
  rotationIntervalMs: 0,
} as const

/** Holds the thread as a disk that does not answer would. */
function hold(milliseconds: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, milliseconds)
}

/**
 * `commit:stall@N` the N-th COMMIT never returns; `commit:slow@N` it and all later ones take a second;
 * `commit:fail@N` it reports an error and is not written; `commit:lie@N` it is written and reports an error.
 * `sync:stall@N` after the N-th COMMIT the disk never says that it has it; `sync:fail@N` it reports an error.
 * `recording:off` nothing is recorded: what the benchmark compares with.
 * `clock:ahead@S` it is S seconds later than it is; with -S, earlier.
 * `keys:impatient` no waiting times between actions on a key.
 * `kill:before@MARK` SIGKILL at the COMMIT by which the mark is reached, not written; `kill:after@MARK` just after it.
 * Marks: `revisions=N` the crypto units have been through so many states, all told; `started`, `walking=N` (so many blobs
 * are under the new master key), `walked`, `rewrapped`, `finished` of a master key rotation.
 * Several are joined by `+`.
 */
export function faultOf(text: string): ServerFaults {
  if (text.includes('+')) return Object.assign({}, ...text.split('+').map(faultOf)) as ServerFaults
  if (text === 'recording:off') return { audit: unrecorded }
  const ahead = /^clock:ahead@(-?\d+)$/.exec(text)
  if (ahead !== null) return { clock: clockAhead(Number(ahead[1]) * 1_000) }
  if (text === 'keys:impatient') return { keyLimits: impatient }
  const kill = /^kill:(before|after)@([a-z]+)(?:=(\d+))?$/.exec(text)
  if (kill !== null) return killAt(kill[1] === 'before', kill[2] ?? '', Number(kill[3] ?? '0'))
  const sync = /^sync:(stall|fail)@(\d+)$/.exec(text)
  if (sync !== null) return { synced: failingDisk(sync[1] === 'fail', Number(sync[2])) }
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

function failingDisk(isTold: boolean, nth: number): NonNullable<ServerFaults['synced']> {
  let count = 0
  return (sync) => () => {
    count += 1
    if (count !== nth) return sync.synced()
    return isTold ? Promise.reject(new Error('the disk was made to fail')) : new Promise(() => undefined)
  }
}

const underNew = `FROM key_material m JOIN master_key_rotations r ON r.state = 'started'
  WHERE substr(m.blob, 5, 32) =`
const marks: Readonly<Record<string, string>> = {
  revisions: 'SELECT coalesce(sum(revision), 0) >= ?1 AS isReached FROM unit_states',
  started: "SELECT count(*) > ?1 AS isReached FROM master_key_rotations WHERE state = 'started'",
  walking: `SELECT count(*) >= ?1 AS isReached ${underNew} unhex(r.pattern)`,
  walked: `SELECT count(*) > ?1 AND (SELECT count(*) ${underNew} unhex(former)) = 0 AS isReached
    FROM master_key_rotations WHERE state = 'started'`,
  rewrapped: "SELECT count(*) > ?1 AS isReached FROM master_key_rotations WHERE state = 'rewrapped'",
  finished: "SELECT count(*) > ?1 AS isReached FROM master_key_rotations WHERE state = 'finished'",
}

/** Kills the process when the mark is reached that was not when it began. */
function killAt(isBefore: boolean, mark: string, count: number): ServerFaults {
  const sql = marks[mark]
  if (sql === undefined) throw new Error(`no such mark: ${mark}`)
  let wasReached: boolean | undefined
  return {
    commit: (store) => {
      const isReached = store.get<{ isReached: number }>(sql, count)?.isReached === 1
      wasReached ??= isReached
      const isNow = isReached && !wasReached
      if (isNow && isBefore) process.kill(process.pid, 'SIGKILL')
      store.exec('COMMIT')
      if (isNow) process.kill(process.pid, 'SIGKILL')
    },
  }
}

function clockAhead(milliseconds: number): NonNullable<ServerFaults['clock']> {
  return { now: () => Date.now() + milliseconds, monotonic: () => performance.now() }
}

/** Runs the operation and answers without an event. Changes are lost: for operations without any. */
function unrecorded(door: Audit): Audit {
  return {
    witnessAll: (circumstances, decide) => door.witnessAll(circumstances, decide),
    witness: async (action, circumstances, target, operation) => {
      const done = await operation({ target: { ...target }, request: {}, response: {} })
      if (done.changes !== undefined && done.changes.length > 0) {
        return await door.witness(action, circumstances, target, operation)
      }
      return { result: done.result, code: done.code, receipt: { eventId: 'none', eventTime: '' } }
    },
  }
}
