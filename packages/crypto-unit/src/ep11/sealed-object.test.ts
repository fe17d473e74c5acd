/** What is sealed leaves nothing behind in memory, whether or not it could be sealed; all bits of a header come back. */
import { randomBytes } from 'node:crypto'
import { expect, test } from 'vitest'
import { FrameBatch } from '../frames.ts'
import { IvPool } from '../iv-pool.ts'
import { masterKey } from '../registers.ts'
import { keyTypes } from './attributes.ts'
import { openKey, sealKey } from './key-blob.ts'
import type { BlobKey } from './opened-key.ts'
import { sealState } from './state-blob.ts'
import { use } from './testing/ep11-unit.ts'

const instance = 'an instance'
const master = masterKey(Buffer.alloc(32, 5), [])

/** A pool that has no vector to give. */
class EmptyPool extends IvPool {
  override take(): Buffer {
    throw new Error('There are no vectors.')
  }
}

/** A batch that tells what was taken from it. */
class WatchedBatch extends FrameBatch {
  readonly taken: Buffer[] = []

  override take(): Buffer {
    const taken = super.take()
    this.taken.push(taken)
    return taken
  }
}

function key(bits = 0): BlobKey {
  const facts = { keyType: keyTypes.CKK_AES, size: 256, curve: '', generatedBy: undefined, createdAt: 0 }
  return { class: 'secret', ...facts, bits, binding: undefined, value: randomBytes(32) }
}

const sealings = {
  key: (sealing: { ivs: IvPool; scratch: FrameBatch }) => sealKey(key(), { instance, master, ...sealing }),
  state: (sealing: { ivs: IvPool; scratch: FrameBatch }) => {
    const operationId = '01890a5d-ac96-774b-bcce-b302099a8057'
    const state = { family: 'sign', mechanism: use('CKM_SHA256_HMAC'), key: randomBytes(99), operationId } as const
    return sealState({ ...state, saved: randomBytes(64) }, { instance, master, session: undefined, ...sealing })
  },
}

test.each(['key', 'state'] as const)('of a %s that cannot be sealed no plaintext is left', (kind) => {
  const scratch = new WatchedBatch()
  expect(() => sealings[kind]({ ivs: new EmptyPool(), scratch })).toThrow('There are no vectors.')
  expect(scratch.taken).toHaveLength(1)
  expect(scratch.taken[0]?.every((byte) => byte === 0)).toBe(true)
  expect(scratch.length).toBe(0)
})

test('a key with the highest attribute bit is sealed like any other', () => {
  const blob = sealKey(key(0x8000_0001 | 0), { instance, master, ivs: new IvPool(), scratch: new FrameBatch() })
  expect(openKey(blob, instance, [master]).bits).toBe(0x8000_0001)
})
