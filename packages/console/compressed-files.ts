/** A part of the build: beside each file that shrinks stands what it is in brotli and in gzip, for the server to choose from. */
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { type ZlibOptions, brotliCompress, constants, gzip } from 'node:zlib'
import type { Plugin } from 'vite'

const texts = /\.(?:js|css|html|svg)$/

/** Once per build, not once per request: so the most that each format can do. */
const compressions = {
  br: promisify(brotliCompress),
  gz: (content: Uint8Array) =>
    promisify<Uint8Array, ZlibOptions, Buffer>(gzip)(content, { level: constants.Z_BEST_COMPRESSION }),
} as const

export function compressedFiles(): Plugin {
  return {
    name: 'keywitness:compressed-files',
    // While developing nobody waits for it.
    apply: (_, { command, mode }) => command === 'build' && mode === 'production',
    async writeBundle({ dir = '.' }, bundle) {
      const names = Object.keys(bundle).filter((name) => texts.test(name))
      await Promise.all(names.map((name) => compress(join(dir, name))))
    },
  }
}

async function compress(path: string): Promise<void> {
  const content = await readFile(path)
  for (const [ending, compressed] of Object.entries(compressions)) {
    const less = await compressed(content)
    if (less.length < content.length) await writeFile(`${path}.${ending}`, less)
  }
}
