/** SoftHSM2 as Debian packages it, called by a C program through PKCS #11: what a crypto unit in software is held against. */
import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Workshop } from '../harness/workshop.ts'
import type { UnitOperation, UnitReport } from '../load/ep11-unit.ts'

const library = '/usr/lib/softhsm/libsofthsm2.so'

/** The declarations of PKCS #11 come from p11-kit. */
export const softHsmNeeds = {
  softhsm2: library,
  'libp11-kit-dev': '/usr/include/p11-kit-1/p11-kit/pkcs11.h',
  'libssl-dev': '/usr/include/openssl/ssl.h',
} as const

export function softHsmVersion(): string {
  if (!existsSync(library)) return 'SoftHSM2 not installed'
  return execFileSync('dpkg-query', ['-W', '-f', 'SoftHSM ${Version}', 'softhsm2'], { encoding: 'utf8' })
}

/** One operation again and again with a key that lives in memory only, as one of ours does. */
export async function softHsm(
  workshop: Workshop,
  operation: UnitOperation,
  data: string,
  { warmUp, seconds }: { readonly warmUp: number; readonly seconds: number },
): Promise<UnitReport> {
  const folder = workshop.newFolder('softhsm')
  mkdirSync(join(folder, 'tokens'))
  const settings = join(folder, 'softhsm2.conf')
  writeFileSync(settings, `directories.tokendir = ${folder}/tokens\nobjectstore.backend = file\nlog.level = ERROR\n`)
  const program = workshop.compiled('peers/softhsm.c', ['-ldl', '-lcrypto'])
  const words = [library, operation, String(warmUp), String(seconds), data]
  return await workshop.json<UnitReport>('/usr/bin/env', [`SOFTHSM2_CONF=${settings}`, program, ...words])
}
