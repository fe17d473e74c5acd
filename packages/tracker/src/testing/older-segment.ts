/** Turns sealed segments into files of an earlier format, as logs hold them that were sealed by earlier versions. */
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { constants, zstdCompressSync } from 'node:zlib'
import { encodeBundle } from '@keywitness/tlog'
import { segmentsFolder } from '../head/schema.ts'
import { SegmentFile } from '../segment/segment-file.ts'
import { realDisk } from '../store/disk.ts'

/** Entries of a block; the older formats closed one by its bytes. */
const blockEntries = 9

/** Format 2 has blocks of entries packed together, format 1 no dictionary of values besides. The register is left as it is. */
export function makeOlder(folder: string, format: 1 | 2): void {
  for (const name of readdirSync(join(folder, segmentsFolder))) {
    const path = join(folder, segmentsFolder, name)
    const segment = new SegmentFile(realDisk, path)
    const { first, dictionary } = segment.head
    const entries = Array.from(segment.entries(), ({ bytes }) => bytes)
    segment.close()
    const db = new DatabaseSync(path)
    db.exec('DELETE FROM blocks')
    const insert = db.prepare('INSERT INTO blocks (first, count, packed) VALUES (?, ?, ?)')
    const starts = new DataView(new ArrayBuffer(Math.ceil(entries.length / blockEntries) * 4))
    for (let at = 0; at < entries.length; at += blockEntries) {
      const block = entries.slice(at, at + blockEntries)
      const params = { [constants.ZSTD_c_compressionLevel]: 1 }
      insert.run(first + at, block.length, zstdCompressSync(encodeBundle(block), { dictionary, params }))
      starts.setUint32((at / blockEntries) * 4, at, true)
    }
    db.prepare('UPDATE segment SET starts=?').run(new Uint8Array(starts.buffer))
    if (format === 1) db.exec('DROP TABLE value')
    db.exec(`PRAGMA user_version=${format}`)
    db.close()
  }
}
