/** Checks segment files against the register: the same bytes, the same range, the same log. */
import { createHash } from 'node:crypto'
import { closeSync, existsSync, openSync, readdirSync, readSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { sameBytes } from '@keywitness/tlog'
import { headFile, segmentsFolder } from '../head/schema.ts'
import { type RegisteredSegment, segmentFileName } from '../segment/register.ts'
import { SegmentFile } from '../segment/segment-file.ts'
import type { StoreParts } from './found-entries.ts'

/** Reports what is wrong with the files of some of the registered segments; their entries are checked elsewhere. */
export async function checkSegments(
  { disk, folder, register, findings, first: firstThere }: StoreParts,
  segments: readonly RegisteredSegment[],
  origin: string,
  pause: () => Promise<void>,
): Promise<void> {
  let end = segments[0] === undefined ? 0 : (register[register.indexOf(segments[0]) - 1]?.last ?? 0)
  for (const { first, last, file: name, fileHash, fileBytes, timeMin, timeMax } of segments) {
    const bad = (what: string): void =>
      findings.add({ kind: 'bad-segment', message: `segment ${name} ${what}`, index: first, file: name })
    if (first !== end || last <= first || name !== segmentFileName(first, last)) {
      findings.add({
        kind: 'bad-store',
        message: `${headFile} names no segment from ${end} on`,
        index: end,
        file: headFile,
      })
    }
    end = last
    if (last <= firstThere) continue
    await pause()
    const path = join(folder, segmentsFolder, name)
    if (!existsSync(path)) {
      bad('is missing')
      continue
    }
    if (!sameBytes(hashOfFile(path), fileHash)) bad('is not the file that was sealed')
    if (statSync(path).size !== fileBytes) bad('has another length than the register says')
    try {
      const file = new SegmentFile(disk, path)
      if (file.head.first !== first || file.head.last !== last) bad('holds another range')
      if (file.head.origin !== origin) bad('is of another log')
      const { time_min: fileMin, time_max: fileMax } = file.head
      if ((fileMin ?? undefined) !== timeMin || (fileMax ?? undefined) !== timeMax) {
        bad('spans other times than the register says')
      }
      file.close()
    } catch (error) {
      bad(`cannot be opened: ${(error as Error).message}`)
    }
  }
}

/** Files in the segments folder that no register names: left by a crash, removed at the next start. */
export function straySegments({ folder, register, first }: StoreParts): string[] {
  const path = join(folder, segmentsFolder)
  const known = new Set(register.filter(({ last }) => last > first).map(({ file }) => file))
  return existsSync(path) ? readdirSync(path).filter((name) => !known.has(name)) : []
}

function hashOfFile(path: string): Uint8Array {
  const digest = createHash('sha256')
  const buffer = Buffer.allocUnsafe(1024 * 1024)
  const handle = openSync(path, 'r')
  try {
    for (let count = readSync(handle, buffer); count > 0; count = readSync(handle, buffer)) {
      digest.update(buffer.subarray(0, count))
    }
  } finally {
    closeSync(handle)
  }
  return digest.digest()
}
