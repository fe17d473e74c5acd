/** The C2SP tlog-tiles layout: paths, widths, entry bundles. */
import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import {
  BUNDLE_BYTES_MAX,
  ENTRY_BYTES_MAX,
  TileError,
  encodeBundle,
  entriesPath,
  parseBundle,
  parsePath,
  tileLevelSize,
  tilePath,
  tileWidth,
} from './index.ts'

test('the examples of the specification', () => {
  expect(tilePath(0, 1234067)).toBe('tile/0/x001/x234/067')
  expect(entriesPath(5)).toBe('tile/entries/005')
  expect(tilePath(1, 0, 17)).toBe('tile/1/000.p/17')
  expect(entriesPath(273, 112)).toBe('tile/entries/273.p/112')
})

test('a tree of 70,000 has the tiles that the specification counts', () => {
  const tiles = (level: number): number[] => {
    const widths: number[] = []
    for (let n = 0; tileWidth(level, n, 70_000) > 0; n++) widths.push(tileWidth(level, n, 70_000))
    return widths
  }
  expect(tiles(0)).toEqual([...Array.from({ length: 273 }, () => 256), 112])
  expect(tiles(1)).toEqual([256, 17])
  expect(tiles(2)).toEqual([1])
  expect(tiles(3)).toEqual([])
  expect(tileLevelSize(1, 256)).toBe(1)
  expect(tileWidth(1, 0, 256)).toBe(1)
})

test('a path that was written is read back', () => {
  const numbers = fc.oneof(fc.nat(3000), fc.maxSafeNat())
  fc.assert(
    fc.property(
      fc.oneof(fc.constant('entries' as const), fc.nat(63)),
      numbers,
      fc.integer({ min: 1, max: 256 }),
      (level, n, width) => {
        const path = level === 'entries' ? entriesPath(n, width) : tilePath(level, n, width)
        expect(parsePath(path)).toEqual({ level, n, width })
      },
    ),
  )
})

test.each([
  '',
  'tile',
  'tile/0',
  'tile/0/',
  'tile/00/000',
  'tile/64/000',
  'tile/100/000',
  'tile/-1/000',
  'tile/0/0',
  'tile/0/0000',
  'tile/0/x000/000',
  'tile/0/x000/001',
  'tile/0/001/000',
  'tile/0/x001',
  'tile/0/000.p/0',
  'tile/0/000.p/01',
  'tile/0/000.p/256',
  'tile/0/000.p/999',
  'tile/0/000.p/',
  'tile/0/000/',
  '/tile/0/000',
  'tile/entries/000.p/300',
  'tile/Entries/000',
  'tile/0/000\n',
  'tile/0/../000',
  'tile/0/x999/x999/x999/x999/x999/999',
  `tile/0/${'x001/'.repeat(1000)}000`,
])('the path %j is refused', (path) => {
  expect(() => parsePath(path)).toThrow(TileError)
})

test.each([
  () => tilePath(64, 0),
  () => tilePath(-1, 0),
  () => tilePath(0.5, 0),
  () => tilePath(0, -1),
  () => tilePath(0, 2 ** 53),
  () => tilePath(0, 0, 0),
  () => tilePath(0, 0, 257),
  () => entriesPath(0, 1.5),
])('no path is written outside the layout (case %#)', (write) => {
  expect(write).toThrow(TileError)
})

test('entries that were bundled come back as they were', () => {
  const entries = fc.array(fc.uint8Array({ maxLength: 400 }), { minLength: 1, maxLength: 256 })
  fc.assert(
    fc.property(entries, (list) => {
      expect(parseBundle(encodeBundle(list))).toEqual(list)
    }),
  )
})

test('the largest bundle has its stated size', () => {
  const largest = new Uint8Array(ENTRY_BYTES_MAX).fill(7)
  const bundle = encodeBundle(Array.from({ length: 256 }, () => largest))
  expect(bundle).toHaveLength(BUNDLE_BYTES_MAX)
  expect(parseBundle(bundle).at(-1)).toEqual(largest)
})

test('whatever bytes are read as a bundle encode to themselves, all others are refused', () => {
  const readAndWritten = (bytes: Uint8Array): Uint8Array => {
    try {
      return encodeBundle(parseBundle(bytes))
    } catch (error) {
      if (error instanceof TileError) return bytes
      throw error
    }
  }
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 12, max: 4 }), (bytes) => {
      expect(readAndWritten(bytes)).toEqual(bytes)
    }),
  )
})

test.each([
  ['BUNDLE_FORMAT', () => parseBundle(new Uint8Array())],
  ['BUNDLE_FORMAT', () => parseBundle(Uint8Array.of(0))],
  ['BUNDLE_FORMAT', () => parseBundle(Uint8Array.of(0, 2, 7))],
  ['BUNDLE_FORMAT', () => parseBundle(Uint8Array.of(0, 1, 7, 0))],
  ['BUNDLE_FORMAT', () => parseBundle(new Uint8Array(2 * 257))],
  ['TILE_RANGE', () => encodeBundle([])],
  ['TILE_RANGE', () => encodeBundle(Array.from({ length: 257 }, () => new Uint8Array()))],
  ['ENTRY_TOO_LARGE', () => encodeBundle([new Uint8Array(ENTRY_BYTES_MAX + 1)])],
] as const)('%s is thrown (case %#)', (code, act) => {
  expect(act).toThrow(expect.objectContaining({ code }) as Error)
})
