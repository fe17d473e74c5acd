/** A crypto unit's process without its pipe: takes a request frame, puts the answer frame. */
import { DeviceKeys } from './device-keys.ts'
import { Fields, ProtocolError, type FrameBatch } from './frames.ts'
import { IvPool } from './iv-pool.ts'
import { KeyCache } from './key-cache.ts'
import type { Holdings, Operation } from './operation.ts'
import { adopt } from './operations/adopt.ts'
import { apply } from './operations/apply.ts'
import { create } from './operations/create.ts'
import { direct } from './operations/direct.ts'
import { exportMaterial } from './operations/export.ts'
import { generate } from './operations/generate.ts'
import { hold } from './operations/hold.ts'
import { importMaterial } from './operations/import.ts'
import { random } from './operations/random.ts'
import { reencrypt } from './operations/reencrypt.ts'
import { report } from './operations/report.ts'
import { rewrap } from './operations/rewrap.ts'
import { root } from './operations/root.ts'
import { sealFresh } from './operations/seal-fresh.ts'
import { tke } from './operations/tke.ts'
import { unwrap } from './operations/unwrap.ts'
import { wrap } from './operations/wrap.ts'
import { operations, statuses } from './protocol.ts'
import { keysOfSeal } from './state.ts'
import { UnitError } from './unit-error.ts'
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
    [operations.SEAL_FRESH, sealFresh],
    [operations.APPLY, apply],
    [operations.RANDOM, random],
    [operations.ADOPT, adopt],
    [operations.CREATE, create],
    [operations.TKE, tke],
    [operations.REPORT, report],
    [operations.HOLD, hold],
    [operations.DIRECT, direct],
    [operations.ROOT, root],
    [operations.REENCRYPT, reencrypt],
  ])

  /** `seal` is 32 bytes, zeroed here. */
  constructor(seal: Uint8Array, keysCachedMax = KEYS_CACHED_MAX) {
    const { states, devices } = keysOfSeal(seal)
    this.#holdings = {
      seal: states,
      device: new DeviceKeys(devices),
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
  if (error instanceof UnitError) {
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
