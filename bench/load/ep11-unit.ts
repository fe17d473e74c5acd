/**
 * A crypto unit in a process of its own, without its pipe: the same call of EP11 again and again, as a frame that comes in and
 * a frame that goes out.
 *
 * usage: ep11-unit <JSON of a UnitOrder>; prints one line of JSON, a UnitReport.
 */
import { readFileSync } from 'node:fs'
import type { CallAnswer, CallName, CallRequest, MechanismUse } from '../../packages/crypto-unit/src/ep11/calls.ts'
import { putCall, readOutcome } from '../../packages/crypto-unit/src/ep11/call-codec.ts'
import { Ep11Unit, use } from '../../packages/crypto-unit/src/ep11/testing/ep11-unit.ts'
import { Fields, FrameBatch, FrameReader } from '../../packages/crypto-unit/src/frames.ts'
import { operations, statuses } from '../../packages/crypto-unit/src/protocol.ts'

/** AES-256-CBC; ECDSA on P-256 with SHA-256; RSA with 2048 bits, PKCS #1 v1.5 with SHA-256. */
export type UnitOperation = 'aes' | 'ecdsa' | 'rsa'

export interface UnitOrder {
  readonly operation: UnitOperation
  /** File with what is encrypted or signed. */
  readonly data: string
  readonly seconds: number
  readonly warmUp: number
}

export interface UnitReport {
  readonly operations: number
  readonly seconds: number
  /** Processor time of the whole process. */
  readonly cpuSeconds: number
}

/** How often the clock is asked: every so many calls. */
const clockCalls = 8

console.log(JSON.stringify(await run(JSON.parse(process.argv[2] ?? '{}') as UnitOrder)))

async function run({ operation, data, seconds, warmUp }: UnitOrder): Promise<UnitReport> {
  const unit = new Ep11Unit()
  const { frame, length, check } = await callOf(unit, operation, readFileSync(data))
  const answers = new FrameBatch()
  let last: Buffer = Buffer.alloc(0)
  const reader = new FrameReader((_id, status, payload) => {
    if (status !== statuses.OK || payload.length !== length) throw new Error('an answer is not what was asked for')
    last = payload
  })
  const once = (): void => {
    unit.unit.unit.handle(1, operations.EP11, frame, answers)
    const piece = answers.take()
    reader.push(piece)
    answers.recycle(piece)
  }
  const during = (ms: number): number => {
    const until = performance.now() + ms
    let count = 0
    while (performance.now() < until) for (let call = 0; call < clockCalls; call++, count++) once()
    return count
  }
  during(warmUp * 1e3)
  const cpu = process.cpuUsage()
  const began = performance.now()
  const count = during(seconds * 1e3)
  const spent = (performance.now() - began) / 1e3
  const { user, system } = process.cpuUsage(cpu)
  // What was sent is zeroed: one more answer is looked at.
  unit.unit.unit.handle(1, operations.EP11, frame, answers)
  reader.push(answers.take())
  await check(last)
  return { operations: count, seconds: spent, cpuSeconds: (user + system) / 1e6 }
}

interface ReadyCall {
  readonly frame: Buffer
  /** Bytes of every answer. */
  readonly length: number
  /** Holds an answer against what decrypts or verifies. */
  readonly check: (answer: Buffer) => Promise<void>
}

async function callOf(unit: Ep11Unit, operation: UnitOperation, data: Buffer): Promise<ReadyCall> {
  if (operation === 'aes') {
    const mechanism = use('CKM_AES_CBC', Buffer.alloc(16))
    const key = await unit.aes()
    return ready(unit, 'EncryptSingle', { mechanism, key, plain: data }, async ({ ciphered }) => {
      const { plain } = await unit.call('DecryptSingle', { mechanism, key, ciphered })
      if (!plain.equals(data)) throw new Error('decrypted to something else')
    })
  }
  const { privateKey, publicKey } = operation === 'ecdsa' ? await unit.ec('P-256') : await unit.rsa({}, {}, 2048)
  const mechanism: MechanismUse = use(operation === 'ecdsa' ? 'CKM_ECDSA_SHA256' : 'CKM_SHA256_RSA_PKCS')
  return ready(unit, 'SignSingle', { mechanism, key: privateKey, data }, async ({ signature }) => {
    await unit.call('VerifySingle', { mechanism, key: publicKey, data, signature })
  })
}

async function ready<Name extends CallName>(
  unit: Ep11Unit,
  name: Name,
  request: CallRequest<Name>,
  checkAnswer: (answer: CallAnswer<Name>) => Promise<void>,
): Promise<ReadyCall> {
  const put = new FrameBatch()
  putCall(put, { instance: unit.instance, session: undefined }, name, request)
  const frame = Buffer.from(put.take())
  const { fields } = unit.unit.send(operations.EP11, frame)
  const check = async (answer: Buffer): Promise<void> => {
    const outcome = readOutcome(new Fields(answer), name)
    if (!('answer' in outcome)) throw new Error(`refused: ${outcome.refusal.message}`)
    await checkAnswer(outcome.answer)
  }
  await check(fields.bytesAll)
  return { frame, length: fields.bytesAll.length, check }
}
