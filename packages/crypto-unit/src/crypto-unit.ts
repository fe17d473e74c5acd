/** A crypto unit's process without its pipe: takes a request frame, puts the answer frame. */
import { DeviceKeys } from './device-keys.ts'
import { Generations } from './ep11/generations.ts'
import { OpenedObjects } from './ep11/object-opener.ts'
import { SpentSet } from './ep11/spent-set.ts'
import { Fields, FrameBatch, ProtocolError } from './frames.ts'
import { IvPool } from './iv-pool.ts'
import { KeyCache } from './key-cache.ts'
import type { Holdings, LaterOperation, Operation } from './operation.ts'
import { adopt } from './operations/adopt.ts'
import { apply } from './operations/apply.ts'
import { create } from './operations/create.ts'
import { derive } from './operations/derive.ts'
import { direct } from './operations/direct.ts'
import { ep11 } from './operations/ep11.ts'
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
import { sealPair } from './operations/seal-pair.ts'
import { tke } from './operations/tke.ts'
import { unwrap } from './operations/unwrap.ts'
import { wrap } from './operations/wrap.ts'
import { operations, statuses } from './protocol.ts'
import { keysOfSeal } from './state.ts'
import { UnitError } from './unit-error.ts'
import { UnitSet } from './unit-set.ts'

const KEYS_CACHED_MAX = 4096

export interface CryptoUnitOptions {
  /** Milliseconds since the epoch. */
  readonly now: () => number
  /** Called when an answer was put outside of `handle`. */
  readonly onLate: () => void
  readonly keysCachedMax?: number
}

export class CryptoUnit {
  readonly #holdings: Holdings
  readonly #onLate: () => void
  readonly #operations = new Map<number, Operation | LaterOperation>([
    [operations.WRAP, wrap],
    [operations.UNWRAP, unwrap],
    [operations.GENERATE, generate],
    [operations.IMPORT, importMaterial],
    [operations.EXPORT, exportMaterial],
    [operations.REWRAP, rewrap],
    [operations.SEAL_FRESH, sealFresh],
    [operations.APPLY, apply],
    [operations.RANDOM, random],
    [operations.SEAL_PAIR, sealPair],
    [operations.DERIVE, derive],
    [operations.ADOPT, adopt],
    [operations.CREATE, create],
    [operations.TKE, tke],
    [operations.REPORT, report],
    [operations.HOLD, hold],
    [operations.DIRECT, direct],
    [operations.ROOT, root],
    [operations.REENCRYPT, reencrypt],
    [operations.EP11, ep11],
  ])

  /** `seal` is 32 bytes, zeroed here. */
  constructor(seal: Uint8Array, { now, onLate, keysCachedMax = KEYS_CACHED_MAX }: CryptoUnitOptions) {
    const { states, devices } = keysOfSeal(seal)
    const units = new UnitSet()
    const ivs = new IvPool()
    this.#onLate = onLate
    this.#holdings = {
      seal: states,
      device: new DeviceKeys(devices),
      units,
      keys: new KeyCache(keysCachedMax),
      ivs,
      ep11: {
        units,
        ivs,
        now,
        opened: new OpenedObjects(keysCachedMax),
        spentStates: new SpentSet(),
        endedSessions: new SpentSet(),
        generations: new Generations(),
        scratch: new FrameBatch(),
      },
    }
  }

  /** Answers one request: exactly one frame is put, whatever happens, at once or with `onLate`. */
  handle(id: number, operation: number, payload: Buffer, answers: FrameBatch): void {
    try {
      const run = this.#operations.get(operation)
      if (run === undefined) throw new UnitError('UNKNOWN_OPERATION', 'This unit does not know the operation.')
      answers.begin(id, statuses.OK)
      const later = run(new Fields(payload), answers, this.#holdings)
      if (later instanceof Promise) {
        answers.abandon()
        void this.#answerLater(id, later, answers)
      } else answers.end()
    } catch (error) {
      putError(id, error, answers)
    }
  }

  async #answerLater(id: number, later: Promise<(answer: FrameBatch) => void>, answers: FrameBatch): Promise<void> {
    try {
      const put = await later
      answers.begin(id, statuses.OK)
      put(answers)
      answers.end()
    } catch (error) {
      putError(id, error, answers)
    }
    this.#onLate()
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
