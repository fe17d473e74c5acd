/** Row: calls of EP11 inside of a crypto unit, without its pipe, beside SoftHSM2 through PKCS #11; one thread each. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { missingPackages } from '../harness/requirements.ts'
import { interleaved } from '../harness/rounds.ts'
import type { Bench, Row, RowReport } from '../harness/row.ts'
import { median, short } from '../harness/statistics.ts'
import type { UnitOperation, UnitOrder, UnitReport } from '../load/ep11-unit.ts'
import { softHsm, softHsmNeeds } from '../peers/softhsm.ts'

const dataBytes = 1024

/** Bounds of the design, section 13: the first of each for ciphers, the last for RSA. */
const figures: Readonly<
  Record<UnitOperation, { readonly what: string; readonly must: number; readonly goal: number }>
> = {
  aes: { what: 'AES-256-CBC of 1 KiB', must: 1.2, goal: 1.6 },
  ecdsa: { what: 'ECDSA on P-256 with SHA-256 over 1 KiB', must: 1.3, goal: 1.6 },
  rsa: { what: 'RSA-2048, PKCS #1 v1.5 with SHA-256 over 1 KiB', must: 1.5, goal: 1.9 },
}
const names = Object.keys(figures) as UnitOperation[]

export const unit: Row = {
  name: 'unit',
  title: 'EP11 calls inside of the crypto unit, by processor time of one thread',
  run: measure,
}

/** Operations by a second of processor time: neither side waits for anything, and none is to gain from others' rest. */
const rateOf = ({ operations, cpuSeconds }: UnitReport): number => operations / cpuSeconds

async function measure(bench: Bench): Promise<RowReport> {
  const { workshop, options } = bench
  const data = join(workshop.newFolder('unit'), 'data')
  writeFileSync(data, Buffer.alloc(dataBytes, 'keywitness-bench'))
  const ours = async (operation: UnitOperation): Promise<number> => {
    const order: UnitOrder = { operation, data, seconds: options.seconds, warmUp: options.warmUp }
    const program = join(import.meta.dirname, '../load/ep11-unit.ts')
    return rateOf(await workshop.json<UnitReport>(process.execPath, [program, JSON.stringify(order)]))
  }
  const theirs = async (operation: UnitOperation): Promise<number> =>
    rateOf(await softHsm(workshop, operation, data, options))
  const contenders = { aes: () => ours('aes'), ecdsa: () => ours('ecdsa'), rsa: () => ours('rsa') }
  const leansOn = ['echo'] as const
  const missing = missingPackages(softHsmNeeds)
  if (missing.length > 0) {
    const alone = await interleaved(bench, contenders, { leansOn })
    const skipped = [`SoftHSM2 or what calls it is not installed (Debian: ${missing.join(', ')})`]
    return { figures: [], absolute: [], checks: [], skipped, raw: alone.values }
  }
  const rounds = await interleaved(
    bench,
    {
      ...contenders,
      'SoftHSM2 aes': () => theirs('aes'),
      'SoftHSM2 ecdsa': () => theirs('ecdsa'),
      'SoftHSM2 rsa': () => theirs('rsa'),
    },
    { leansOn },
  )
  const costOf = (name: UnitOperation): string => {
    const each = (rates: readonly number[]): string => short(1e6 / median(rates))
    return `${name}: ${each(rounds.values[name])} µs each; SoftHSM2: ${each(rounds.values[`SoftHSM2 ${name}`])} µs`
  }
  return {
    figures: names.map((name) =>
      rounds.figure(name, `SoftHSM2 ${name}`, { ...figures[name], beside: 'SoftHSM2 through PKCS #11' }),
    ),
    absolute: names.map(costOf),
    checks: ['each answer a success as long as the first; the first and the last decrypt or verify, on both sides'],
    skipped: [],
    raw: rounds.values,
  }
}
