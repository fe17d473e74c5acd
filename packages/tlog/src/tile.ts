/** The tiled layout of a log: which tiles a tree has and under which paths (c2sp.org/tlog-tiles). */
import { isCount, parseDecimal } from './bytes.ts'
import { TileError } from './errors.ts'

/** Levels of the tree that one tile spans. */
export const TILE_HEIGHT = 8

/** Hashes in a full tile, entries in a full bundle. */
export const TILE_WIDTH = 256

/** The highest level of tiles that the layout has. */
const TILE_LEVEL_MAX = 63

/** One tile or entry bundle: `width` hashes or entries, from position n · 256. */
export interface TilePath {
  readonly level: number | 'entries'
  readonly n: number
  readonly width: number
}

/** N in groups of three digits, all but the last marked with an x: 1234067 is `x001/x234/067`. */
function formatN(n: number): string {
  let path = String(n % 1000).padStart(3, '0')
  for (let rest = Math.floor(n / 1000); rest > 0; rest = Math.floor(rest / 1000)) {
    path = `x${String(rest % 1000).padStart(3, '0')}/${path}`
  }
  return path
}

function checkTile(n: number, width: number): void {
  if (!isCount(n)) throw new TileError('TILE_RANGE', `no tile number: ${n}`)
  if (!isCount(width) || width < 1 || width > TILE_WIDTH) throw new TileError('TILE_RANGE', `no tile width: ${width}`)
}

/**
 * The path of hash tile `n` of a tile level, relative to the log's prefix.
 *
 * @example
 * tilePath(0, 1234067) // 'tile/0/x001/x234/067'
 * tilePath(1, 0, 17) // 'tile/1/000.p/17'
 * @throws TileError `TILE_RANGE`
 */
export function tilePath(level: number, n: number, width: number = TILE_WIDTH): string {
  if (!isCount(level) || level > TILE_LEVEL_MAX) throw new TileError('TILE_RANGE', `no tile level: ${level}`)
  checkTile(n, width)
  return `tile/${level}/${formatN(n)}${width < TILE_WIDTH ? `.p/${width}` : ''}`
}

/**
 * The path of entry bundle `n`, relative to the log's prefix.
 *
 * @throws TileError `TILE_RANGE`
 */
export function entriesPath(n: number, width: number = TILE_WIDTH): string {
  checkTile(n, width)
  return `tile/entries/${formatN(n)}${width < TILE_WIDTH ? `.p/${width}` : ''}`
}

/**
 * The inverse of {@link tilePath} and {@link entriesPath}; takes no second spelling of a path.
 *
 * @throws TileError `TILE_PATH`
 */
export function parsePath(path: string): TilePath {
  const refuse = (): never => {
    throw new TileError('TILE_PATH', `not the path of a tile: ${JSON.stringify(path.slice(0, 100))}`)
  }
  const match = /^tile\/(entries|[0-9]{1,2})\/((?:x[0-9]{3}\/){0,5}[0-9]{3})(?:\.p\/([1-9][0-9]{0,2}))?$/.exec(path)
  if (match === null) return refuse()
  const [, level = '', groups = '', partial] = match
  const n = Number(groups.replaceAll(/[x/]/g, ''))
  const width = partial === undefined ? TILE_WIDTH : Number(partial)
  if (!isCount(n) || formatN(n) !== groups || (partial !== undefined && width >= TILE_WIDTH)) return refuse()
  if (level === 'entries') return { level, n, width }
  const number = parseDecimal(level)
  if (number === undefined || number > TILE_LEVEL_MAX) return refuse()
  return { level: number, n, width }
}

/** Hashes at a tile level of a tree of `size` that are in tiles: full tiles of the level below, or leaves. */
export function tileLevelSize(level: number, size: number): number {
  return Math.floor(size / TILE_WIDTH ** level)
}

/** The width of tile `n` at a level (0 for entry bundles) of a tree of `size`: 0 when the tree has no such tile. */
export function tileWidth(level: number, n: number, size: number): number {
  return Math.max(0, Math.min(TILE_WIDTH, tileLevelSize(level, size) - n * TILE_WIDTH))
}
