/** What keystores ask of a crypto unit, inside the test's own process: blobs of the real outer shape, and a switch for each fault. */
import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto'
import { attributeTypes, keyTypes, objectClasses } from '@keywitness/crypto-unit/ep11/attributes'
import type { AttributeValue, CallOutcome, CallRequest, Template } from '@keywitness/crypto-unit/ep11/calls'
import { type ReturnValue, returnValues } from '@keywitness/crypto-unit/ep11/return-values'
import type { Ep11Client } from '../../units/ep11-client.ts'

const { CKA_CLASS, CKA_KEY_TYPE, CKA_VALUE_LEN, CKA_ENCRYPT, CKA_EXTRACTABLE, CKA_MODIFIABLE } = attributeTypes
const { CKA_GREP11_WKID, CKA_IBM_LOGIN_SESSION, CKA_PRIVATE, CKA_TOKEN } = attributeTypes

/** What of a key a test chooses. */
interface KeyWish {
  /** By CKA_ number, besides what an AES key has. */
  readonly attributes?: Iterable<readonly [number, AttributeValue]>
  /** 32 bytes; none: it works without a login. */
  readonly session?: Buffer
}

export interface MemoryEp11 extends Ep11Client {
  /** The verification patterns of the master keys: the one in force, and in a rotation the former one. */
  readonly patterns: { inForce: string; former: string | undefined }
  /** The next calls end with this. */
  fault: ReturnValue | undefined
  /** Runs before each answer: what happens meanwhile. */
  meanwhile: (() => Promise<void> | void) | undefined
  /** How often it was asked. */
  calls: number
  /** A key under the master key in force. */
  key(wish?: KeyWish): Buffer
}

const HEADER = 48
const masterKeys = new Map<string, Buffer>()

/** @param pattern 64 hex digits */
export function memoryEp11(pattern: string): MemoryEp11 {
  const patterns: MemoryEp11['patterns'] = { inForce: pattern, former: undefined }
  const seal = (session: Buffer, plain: Buffer): Buffer => {
    const header = Buffer.concat([session, wkidBytes(patterns.inForce)])
    const iv = randomBytes(12)
    const cipher = createCipheriv('aes-256-gcm', masterKey(header.subarray(32)), iv).setAAD(header)
    return Buffer.concat([header, iv, cipher.update(plain), cipher.final(), cipher.getAuthTag()])
  }
  const open = (
    object: Buffer,
    under: readonly (string | undefined)[],
  ): { session: Buffer; plain: Buffer } | ReturnValue => {
    if (object.length < HEADER + 28) return 'CKR_IBM_BLOB_ERROR'
    const header = object.subarray(0, HEADER)
    const known = under.filter((one) => one !== undefined).map(wkidBytes)
    if (!known.some((wkid) => wkid.equals(header.subarray(32)))) return 'CKR_IBM_WKID_MISMATCH'
    try {
      const iv = object.subarray(HEADER, HEADER + 12)
      const decipher = createDecipheriv('aes-256-gcm', masterKey(header.subarray(32)), iv).setAAD(header)
      decipher.setAuthTag(object.subarray(-16))
      const plain = Buffer.concat([decipher.update(object.subarray(HEADER + 12, -16)), decipher.final()])
      return { session: header.subarray(0, 32), plain }
    } catch {
      return 'CKR_IBM_BLOB_ERROR'
    }
  }
  const refused = (value: ReturnValue) => ({
    facts: { request: {}, response: {} },
    refusal: { code: returnValues[value], message: 'The unit was told to refuse.' },
  })
  const described = (object: Buffer) => {
    const opened = open(object, [patterns.inForce, patterns.former])
    if (typeof opened === 'string') return refused(opened)
    const { session, plain } = opened
    const wkid = wkidBytes(patterns.inForce)
    const attributes: Template = new Map<number, AttributeValue>([
      ...templateIn(plain),
      [CKA_GREP11_WKID, wkid],
      ...(session.some((byte) => byte !== 0) ? [[CKA_IBM_LOGIN_SESSION, session] as const] : []),
    ])
    const isInForce = object.subarray(32, HEADER).equals(wkid)
    const answer = { attributes, object: isInForce ? Buffer.alloc(0) : seal(session, plain) }
    return { facts: { request: {}, response: {} }, answer }
  }
  const unit: MemoryEp11 = {
    patterns,
    fault: undefined,
    meanwhile: undefined,
    calls: 0,
    key: ({ attributes = [], session = Buffer.alloc(32) } = {}) => {
      const own: [number, AttributeValue][] = [
        [CKA_CLASS, BigInt(objectClasses.CKO_SECRET_KEY)],
        [CKA_KEY_TYPE, BigInt(keyTypes.CKK_AES)],
        // As the unit says of each: where it is kept is not its business.
        [CKA_TOKEN, false],
        [CKA_PRIVATE, true],
        [CKA_VALUE_LEN, 32n],
        [CKA_ENCRYPT, true],
        [CKA_EXTRACTABLE, false],
        [CKA_MODIFIABLE, true],
      ]
      return seal(session, templateText(new Map([...own, ...attributes])))
    },
    call: async (_instance, _session, name, request) => {
      unit.calls += 1
      await unit.meanwhile?.()
      if (unit.fault !== undefined) return refused(unit.fault)
      const { object } = request as unknown as CallRequest<'DescribeObject'>
      // A caller's question decides the type of its answer, which no test could be told otherwise.
      if (name === 'DescribeObject') return described(object) as CallOutcome<typeof name>
      if (name !== 'ReencryptObject') return refused('CKR_FUNCTION_NOT_SUPPORTED')
      const opened = open(object, [patterns.inForce, patterns.former])
      if (typeof opened === 'string') return refused(opened)
      const answer = { object: seal(opened.session, opened.plain) }
      return { facts: { request: {}, response: {} }, answer } as unknown as CallOutcome<typeof name>
    },
  }
  return unit
}

function wkidBytes(pattern: string): Buffer {
  return Buffer.from(pattern.slice(0, 32), 'hex')
}

function masterKey(wkid: Buffer): Buffer {
  const id = wkid.toString('hex')
  let key = masterKeys.get(id)
  if (key === undefined) {
    key = randomBytes(32)
    masterKeys.set(id, key)
  }
  return key
}

function templateText(template: Template): Buffer {
  const entries = [...template].map(([type, value]) => {
    if (typeof value === 'bigint') return [type, Number(value)]
    return [type, value instanceof Buffer ? value.toString('hex') : value]
  })
  return Buffer.from(JSON.stringify(entries))
}

function templateIn(plain: Buffer): [number, AttributeValue][] {
  const entries = JSON.parse(plain.toString()) as [number, boolean | number | string][]
  return entries.map(([type, value]) => {
    if (typeof value === 'number') return [type, BigInt(value)]
    return [type, typeof value === 'string' ? Buffer.from(value, 'hex') : value]
  })
}
