/** The code of protobuf messages as `buf` makes it from the schemas now: a folder of files, made beside the real ones. */
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('../../', import.meta.url))
const folder = 'packages/server/src/ep11/schema'

/** By path from the root. */
export function generatedMessages(): Record<string, string> {
  const out = mkdtempSync(join(tmpdir(), 'keywitness-messages-'))
  try {
    const bin = join(root, 'node_modules/.bin')
    execFileSync(
      process.execPath,
      [join(root, 'node_modules/@bufbuild/buf/bin/buf'), 'generate', '.', '--output', out],
      {
        cwd: join(root, folder),
        env: { ...process.env, PATH: `${bin}:${process.env['PATH'] ?? ''}` },
        stdio: ['ignore', 'ignore', 'inherit'],
      },
    )
    const files = readdirSync(out).toSorted()
    return Object.fromEntries(files.map((file) => [`${folder}/${file}`, readFileSync(join(out, file), 'utf8')]))
  } finally {
    rmSync(out, { recursive: true })
  }
}
