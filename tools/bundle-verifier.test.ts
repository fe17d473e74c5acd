/** The verifier in one file: it runs where nothing else is, and takes nothing but what Node.js has. */
import { execFile } from 'node:child_process'
import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, onTestFinished, test } from 'vitest'
import { WitnessedLog } from '../packages/cli/test/witnessed-log.ts'
import { bundleVerifier } from './bundle-verifier.ts'

test('one copied file verifies a receipt, and says what is wrong with a changed one', { timeout: 60_000 }, async () => {
  const folder = mkdtempSync(join(tmpdir(), 'keywitness-verify-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  const file = await bundleVerifier(folder)
  const source = readFileSync(file, 'utf8')
  const imports = [...source.matchAll(/^import .*?from ["'](.*?)["']/gm)].map(([, name]) => name)
  expect(new Set(imports)).toEqual(new Set(['node:crypto', 'node:fs', 'node:path', 'node:util']))
  const alone = join(folder, 'copy.mjs')
  copyFileSync(file, alone)
  const log = new WitnessedLog(50)
  const receipt = join(folder, 'a.tlog-proof')
  writeFileSync(receipt, log.receipt(41) ?? '')
  const verify = () =>
    promisify(execFile)(process.execPath, [alone, 'receipt', receipt, '--key', log.key.vkey], { cwd: folder })
  expect((await verify()).stdout).toContain('✓ 6 hashes lead from leaf 41')
  writeFileSync(receipt, (log.receipt(41) ?? '').replace('index 41', 'index 40'))
  await expect(verify()).rejects.toMatchObject({
    code: 1,
    stderr: expect.stringMatching(/^FAILED: the receipt does not hold/),
  })
})
