/** Settings of the key service: where sources leave a choice, and waits that tests of clients cannot sit out. */
import type { KeyLimits } from './keys/limits.ts'

export const keySettings = {
  KEYWITNESS_ALIASES_PER_INSTANCE: {
    default: '1000',
    meaning: 'aliases that the keys of an instance may have together, 1 to 1000000',
  },
  KEYWITNESS_ROTATE_DEACTIVATED: {
    default: 'no',
    meaning: '`yes`: deactivated keys can be rotated, as in Key Protect; `no`: as in HPCS',
  },
  KEYWITNESS_WAITS: {
    default: '',
    meaning:
      'other waiting times, in seconds, in the development profile only: any of `enable`, `restore`, `sync`, `rotate`, `purge`, such as `restore=1,purge=60`',
  },
  KEYWITNESS_SUCCESS_CODE: {
    default: 'sent',
    meaning: "`sent`: events of successes carry the status of the answer; `200`: always 200 OK, as in IBM's samples",
  },
} as const

/** Names of the waits in the setting, and the bounds they set (reference: kms-rest-api.md, section 8.2, 8.8). */
const waits = {
  enable: 'enableAfterMs',
  restore: 'restoreAfterMs',
  sync: 'syncIntervalMs',
  rotate: 'rotationIntervalMs',
  purge: 'purgeAfterMs',
} as const satisfies Record<string, keyof KeyLimits>

/** What the settings say; `wrong` ends the start, naming the setting. */
export function keyLimitsOf(
  value: (name: keyof typeof keySettings) => string,
  isDevelopment: boolean,
  wrong: (name: keyof typeof keySettings, what: string) => never,
): Partial<KeyLimits> {
  const aliases = value('KEYWITNESS_ALIASES_PER_INSTANCE')
  if (!/^[1-9]\d{0,6}$/.test(aliases) || Number(aliases) > 1_000_000) {
    wrong('KEYWITNESS_ALIASES_PER_INSTANCE', 'must be a whole number from 1 to 1000000')
  }
  const rotates = value('KEYWITNESS_ROTATE_DEACTIVATED')
  if (rotates !== 'yes' && rotates !== 'no') wrong('KEYWITNESS_ROTATE_DEACTIVATED', 'must be yes or no')
  const text = value('KEYWITNESS_WAITS')
  if (text !== '' && !isDevelopment) wrong('KEYWITNESS_WAITS', 'is for the development profile only')
  const changed = text === '' ? [] : text.split(',').map((part) => waitOf(part.trim()) ?? badWait(wrong))
  return {
    aliasesPerInstance: Number(aliases),
    rotatesDeactivated: rotates === 'yes',
    ...Object.fromEntries(changed),
  }
}

function waitOf(text: string): [string, number] | undefined {
  const [, name, seconds] = /^([a-z]+)=(\d{1,7})$/.exec(text) ?? []
  if (name === undefined || !Object.hasOwn(waits, name)) return undefined
  return [waits[name as keyof typeof waits], 1_000 * Number(seconds)]
}

function badWait(wrong: (name: 'KEYWITNESS_WAITS', what: string) => never): never {
  return wrong('KEYWITNESS_WAITS', `must list any of ${Object.keys(waits).join(', ')}, each with = and whole seconds`)
}
