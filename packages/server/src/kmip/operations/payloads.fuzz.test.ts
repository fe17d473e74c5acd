/** Whatever stands in a payload: each item is done or refused for a reason, leaves one event, and breaks nothing. */
import { generateKeyPairSync } from 'node:crypto'
import * as fc from 'fast-check'
import { beforeAll, expect, test } from 'vitest'
import { enumerations } from '../ttlv/enumerations.ts'
import {
  bigInteger,
  boolean,
  bytes,
  dateTime,
  enumeration,
  integer,
  interval,
  type Item,
  longInteger,
  structure,
  text,
} from '../ttlv/item.ts'
import { tags } from '../ttlv/tags.ts'
import { type KmipHouse, openKmipHouse } from '../testing/kmip-house.ts'
import {
  aesKey,
  type Asked,
  attribute,
  childrenOf,
  nameAttribute,
  type OperationName,
  uid,
} from '../testing/messages.ts'
import { activePair, halfPayload, pairPayload, type PairIds, parametersOf } from '../testing/key-pairs.ts'
import { activeKey, createKey, dateAttribute, named, secretData, symmetricKey, template } from '../testing/payloads.ts'

const seed = Number(process.env['SEED'] ?? 20_261_126)
const told = { seed, verbose: true }
const { BlockCipherMode: modes } = enumerations

let house: KmipHouse
let key: string
let other: string
let pair: PairIds
const ec = generateKeyPairSync('ec', { namedCurve: 'P-256' })
beforeAll(async () => {
  house = await openKmipHouse()
  key = await activeKey(house.client, [nameAttribute('disk')], 0x1fff)
  other = await createKey(house.client)
  pair = await activePair(house.client)
})

/** A payload of each operation with as many of its fields as go together. */
function wholePayloads(): readonly (readonly [OperationName, readonly Item[]])[] {
  const data = bytes(tags.Data, Buffer.alloc(32))
  const parameters = structure(tags.CryptographicParameters, [
    enumeration(tags.BlockCipherMode, modes.GCM),
    enumeration(tags.PaddingMethod, enumerations.PaddingMethod.None),
    enumeration(tags.CryptographicAlgorithm, enumerations.CryptographicAlgorithm.AES),
    integer(tags.TagLength, 12),
  ])
  const wrapping = structure(tags.KeyWrappingSpecification, [
    enumeration(tags.WrappingMethod, 1),
    structure(tags.EncryptionKeyInformation, [
      uid(key),
      structure(tags.CryptographicParameters, [enumeration(tags.BlockCipherMode, modes.NISTKeyWrap)]),
    ]),
    enumeration(tags.EncodingOption, 1),
  ])
  const link = attribute(
    'Link',
    structure(0, [enumeration(tags.LinkType, 0x108), text(tags.LinkedObjectIdentifier, 'a')]),
  )
  const limits = attribute(
    'Usage Limits',
    structure(0, [longInteger(tags.UsageLimitsTotal, 9n), enumeration(tags.UsageLimitsUnit, 1)]),
  )
  return [
    ['Create', aesKey([link, limits, dateAttribute('Activation Date', 4_000_000_000)])],
    ['Register', symmetricKey(Buffer.alloc(16, 1), { format: 'TransparentSymmetricKey' }, [limits])],
    ['Register', secretData(Buffer.alloc(16, 1), { length: 128 }, [link])],
    ['ReKey', [uid(other), interval(tags.Offset, 5), template(link)]],
    [
      'Locate',
      [
        integer(tags.MaximumItems, 5),
        integer(tags.OffsetItems, 0),
        integer(tags.StorageStatusMask, 1),
        enumeration(tags.ObjectGroupMember, 1),
        nameAttribute('disk'),
        link,
      ],
    ],
    [
      'Check',
      [
        uid(key),
        longInteger(tags.UsageLimitsCount, 1n),
        integer(tags.CryptographicUsageMask, 4),
        interval(tags.LeaseTime, 1),
      ],
    ],
    ['Get', [uid(other), enumeration(tags.KeyFormatType, 1), enumeration(tags.KeyWrapType, 1), wrapping]],
    ['GetAttributes', named(key, 'State', 'Name')],
    ['GetAttributeList', [uid(key)]],
    ['AddAttribute', [uid(key), link]],
    ['ModifyAttribute', [uid(key), nameAttribute('disk')]],
    ['DeleteAttribute', [...named(key, 'x-Place'), integer(tags.AttributeIndex, 0)]],
    ['Activate', [uid(key)]],
    [
      'Revoke',
      [
        uid('none'),
        structure(tags.RevocationReason, [
          enumeration(tags.RevocationReasonCode, 2),
          text(tags.RevocationMessage, 'a'),
        ]),
        dateTime(tags.CompromiseOccurrenceDate, 6),
      ],
    ],
    ['Destroy', [uid(key)]],
    ['Query', [enumeration(tags.QueryFunction, 1), enumeration(tags.QueryFunction, 3)]],
    [
      'DiscoverVersions',
      [structure(tags.ProtocolVersion, [integer(tags.ProtocolVersionMajor, 1), integer(tags.ProtocolVersionMinor, 4)])],
    ],
    [
      'Encrypt',
      [uid(key), parameters, data, bytes(tags.IVCounterNonce, Buffer.alloc(12)), boolean(tags.FinalIndicator, true)],
    ],
    [
      'Decrypt',
      [
        uid(key),
        parameters,
        data,
        bytes(tags.IVCounterNonce, Buffer.alloc(12)),
        bytes(tags.AuthenticatedEncryptionTag, Buffer.alloc(12)),
      ],
    ],
    ['MAC', [uid(key), parameters, data]],
    ['MACVerify', [uid(key), parameters, data, bytes(tags.MACData, Buffer.alloc(32))]],
    ['RNGRetrieve', [integer(tags.DataLength, 8)]],
    ['CreateKeyPair', pairPayload({ curve: 'P_256', length: 256, common: [link], privateOwn: [limits] })],
    [
      'Register',
      halfPayload('PrivateKey', ec.privateKey.export({ format: 'der', type: 'sec1' }), { format: 'ECPrivateKey' }, 1),
    ],
    [
      'Register',
      halfPayload(
        'PublicKey',
        structure(0, [
          enumeration(tags.RecommendedCurve, enumerations.RecommendedCurve.P_256),
          bytes(tags.QString, ec.publicKey.export({ format: 'der', type: 'spki' }).subarray(-65)),
        ]),
        { format: 'TransparentECPublicKey' },
        2,
      ),
    ],
    ['Sign', [uid(pair.privateKey), parametersOf({ hash: 'SHA_256', algorithm: 'EC' }), data]],
    [
      'SignatureVerify',
      [
        uid(pair.publicKey),
        parametersOf({ signature: 'ECDSAWithSHA256' }),
        bytes(tags.DigestedData, Buffer.alloc(32)),
        bytes(tags.SignatureData, Buffer.from('3006020101020101', 'hex')),
      ],
    ],
    [
      'DeriveKey',
      [
        enumeration(tags.ObjectType, enumerations.ObjectType.SymmetricKey),
        uid(key),
        enumeration(tags.DerivationMethod, enumerations.DerivationMethod.PBKDF2),
        structure(tags.DerivationParameters, [
          parametersOf({ hash: 'SHA_256' }),
          bytes(tags.InitializationVector, Buffer.alloc(8)),
          bytes(tags.DerivationData, Buffer.alloc(8)),
          bytes(tags.Salt, Buffer.alloc(8)),
          integer(tags.IterationCount, 2),
        ]),
        template(...childrenOf(aesKey([link])[1] as Item)),
      ],
    ],
    ['Poll', [bytes(tags.AsynchronousCorrelationValue, Buffer.alloc(8))]],
    ['Cancel', [bytes(tags.AsynchronousCorrelationValue, Buffer.alloc(8))]],
  ]
}

const payloadCount = 30

/** One item of each type, and such as are at the edge of theirs. */
function ofEachType(tag: number): Item[] {
  return [
    structure(tag, []),
    structure(tag, [integer(tags.Offset, 1)]),
    integer(tag, 1),
    integer(tag, -(2 ** 31)),
    integer(tag, 2 ** 31 - 1),
    longInteger(tag, 2n ** 63n - 1n),
    longInteger(tag, -1n),
    bigInteger(tag, Buffer.alloc(8, 0xff)),
    enumeration(tag, 0),
    enumeration(tag, 0xffff_ffff),
    boolean(tag, true),
    text(tag, ''),
    text(tag, 'x-\u{1f511}\n'),
    bytes(tag, Buffer.alloc(0)),
    bytes(tag, Buffer.alloc(40, 1)),
    dateTime(tag, 2n ** 63n - 1n),
    dateTime(tag, -(2n ** 63n)),
    interval(tag, 0xffff_ffff),
  ]
}

/** The payload with one item of it put in the place of another, taken away, or there twice: each time another one. */
function* altered(items: readonly Item[]): Generator<Item[]> {
  for (const [place, item] of items.entries()) {
    const put = (...instead: readonly Item[]): Item[] => items.toSpliced(place, 1, ...instead)
    yield put()
    yield put(item, item)
    for (const one of ofEachType(item.tag)) yield put(one)
    if (item.type === 'Structure') for (const inner of altered(item.value)) yield put({ ...item, value: inner })
  }
}

function eventCount(): number {
  return house.store.get<{ events: number }>('SELECT count(*) AS events FROM outbox')?.events ?? 0
}

const carryOn = [enumeration(tags.BatchErrorContinuationOption, 1)]

/** Sends many items at once; answers those that were not done, and not refused for a reason of theirs either. */
async function broken(asked: readonly Asked[], minor: number): Promise<unknown[]> {
  const found: unknown[] = []
  for (let first = 0; first < asked.length; first += 50) {
    const some = asked.slice(first, first + 50)
    const before = eventCount()
    const answers = await house.client.send(some, { minor, header: carryOn })
    for (const [place, item] of some.entries()) {
      const { status, reason } = answers[place] ?? {}
      const isRefused = status === 'OperationFailed' && reason !== 'GeneralFailure'
      if (status !== 'Success' && !isRefused) found.push({ item, status, reason })
    }
    const silent = answers.filter(
      ({ status, operation }) => status === 'Success' && (operation === 'Query' || operation === 'DiscoverVersions'),
    )
    const events = eventCount() - before + silent.length
    if (events !== some.length) found.push({ events, items: some.length })
  }
  return [...found, ...house.logged.splice(0)]
}

test.each(Array.from({ length: payloadCount }, (_, place) => place))(
  'of payload %i each field in each type, gone, or twice',
  async (place) => {
    const [operation, payload] = wholePayloads()[place] ?? []
    if (operation === undefined || payload === undefined) throw new Error('there is no such payload')
    const asked = [...altered(payload)].map((one) => ({ operation, payload: one }))
    expect(await broken(asked, 4)).toEqual([])
  },
)

const anyTag = fc.constantFrom(...Object.values(tags))
const leaf = anyTag.chain((tag) => fc.constantFrom(...ofEachType(tag)))
const { tree } = fc.letrec<{ tree: Item }>((tie) => ({
  tree: fc.oneof(
    { maxDepth: 4, depthSize: 'small' },
    leaf,
    fc.tuple(anyTag, fc.array(tie('tree'), { maxLength: 4 })).map(([tag, items]) => structure(tag, items)),
  ),
}))

test(`random trees in the place of payloads, and among the fields of whole ones (seed ${seed})`, async () => {
  const asked = fc
    .tuple(fc.nat(payloadCount - 1), fc.boolean(), fc.nat(8), fc.array(tree, { maxLength: 3 }))
    .map(([place, isWhole, at, trees]) => ({ place, isWhole, at, trees }))
  await fc.assert(
    fc.asyncProperty(fc.array(asked, { minLength: 25, maxLength: 50 }), fc.nat(4), async (wishes, minor) => {
      const items = wishes.map(({ place, isWhole, at, trees }): Asked => {
        const [operation, payload] = wholePayloads()[place] ?? ['Query', []]
        return { operation, payload: isWhole ? payload.toSpliced(at, 0, ...trees) : trees }
      })
      expect(await broken(items, minor)).toEqual([])
    }),
    { ...told, numRuns: 40, endOnFailure: true },
  )
}, 60_000)

test.each([0, 1, 2, 3, 4])('in KMIP 1.%i whole payloads are answered in the words of that version', async (minor) => {
  const asked = wholePayloads().map(([operation, payload]) => ({ operation, payload }))
  expect(await broken(asked, minor)).toEqual([])
  // The house itself looks for words that are newer than the version; here only that there is something to look at.
  const [answer] = await house.client.send([{ operation: 'GetAttributes', payload: [uid(key)] }], { minor })
  expect(answer?.fields.flatMap(childrenOf).length).toBeGreaterThan(10)
})
