/** A crypto unit's process without its pipe: takes a request frame, puts the answer frame. */
import { Fields, ProtocolError, type FrameBatch } from './frames.ts'
import { IvPool } from './iv-pool.ts'
import { KeyCache } from './key-cache.ts'
import type { Holdings, Operation } from './operation.ts'
import { adopt } from './operations/adopt.ts'
import { command } from './operations/command.ts'
import { create } from './operations/create.ts'
import { exportMaterial } from './operations/export.ts'
import { generate } from './operations/generate.ts'
import { importMaterial } from './operations/import.ts'
import { report } from './operations/report.ts'
import { rewrap } from './operations/rewrap.ts'
import { unwrap } from './operations/unwrap.ts'
import { wrap } from './operations/wrap.ts'
import { operations, statuses } from './protocol.ts'
import { sealKey } from './state.ts'
import { CommandRefused, UnitError } from './unit-error.ts'
import { UnitSet } from './unit-set.ts'

const KEYS_CACHED_MAX = 4096

export class CryptoUnit {
  readonly #holdings: Holdings
  readonly #operations = new Map<number, Operation>([
    [operations.WRAP, wrap],
    [operations.UNWRAP, unwrap],
    [operations.GENERATE, generate],
    [operations.IMPORT, importMaterial],
    [operations.EXPORT, exportMaterial],
    [operations.REWRAP, rewrap],
    [operations.ADOPT, adopt],
    [operations.CREATE, create],
    [operations.COMMAND, command],
    [operations.REPORT, report],
  ])

  /** `seal` is 32 bytes, zeroed here. */
  constructor(seal: Uint8Array, keysCachedMax = KEYS_CACHED_MAX) {
    this.#holdings = {
      seal: sealKey(seal),
      units: new UnitSet(),
      keys: new KeyCache(keysCachedMax),
      ivs: new IvPool(),
    }
  }

  /** Answers one request: exactly one frame is put, whatever happens. */
  handle(id: number, operation: number, payload: Buffer, answers: FrameBatch): void {
    try {
      const run = this.#operations.get(operation)
      if (run === undefined) throw new UnitError('UNKNOWN_OPERATION', 'This unit does not know the operation.')
      answers.begin(id, statuses.OK)
      run(new Fields(payload), answers, this.#holdings)
      answers.end()
    } catch (error) {
      putError(id, error, answers)
    }
  }
}

/** What the unit did not foresee is answered without its text, which could tell something of the request. */
function putError(id: number, error: unknown, answers: FrameBatch): void {
  answers.abandon()
  if (error instanceof CommandRefused) {
    answers.begin(id, statuses.COMMAND_REFUSED)
    answers.u32(error.returnCode)
    answers.u32(error.reason)
  } else if (error instanceof UnitError) {
    answers.begin(id, statuses[error.status])
    answers.text(error.message)
  } else if (error instanceof ProtocolError) {
    answers.begin(id, statuses.MALFORMED)
    answers.text(error.message)
  } else {
    answers.begin(id, statuses.FAILED)
    answers.text(`The unit failed: ${error instanceof Error ? error.name : 'unknown'}.`)
  }
  answers.end()
}
