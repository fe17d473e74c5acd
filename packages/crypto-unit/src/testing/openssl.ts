/** OpenSSL's command line as a second implementation: runs it in a folder of its own, over files that are gone afterwards. */
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** What it wrote to the file `out`, or else to its standard output. @throws Error when it refuses */
export function openssl(files: Readonly<Record<string, string | Uint8Array>>, ...options: readonly string[]): Buffer {
  const directory = mkdtempSync(join(tmpdir(), 'openssl-'))
  try {
    for (const [name, contents] of Object.entries(files)) writeFileSync(join(directory, name), contents)
    const printed = execFileSync('openssl', options, { cwd: directory, stdio: ['ignore', 'pipe', 'pipe'] })
    return options.includes('out') ? readFileSync(join(directory, 'out')) : printed
  } finally {
    rmSync(directory, { recursive: true })
  }
}
