/** `keywitness keys create`: a new key, made inside the crypto unit or imported. */
import type { Command } from 'commander'
import { CliError } from '../cli-error.ts'
import { examples, importOptions, type ImportOptions, several, wholeNumber, withInstance } from '../command-options.ts'
import { keyMediaType } from '../key-text.ts'
import { envelope, type InstanceOptions, openKms } from '../kms-api.ts'
import { printable, printableJson } from '../printable.ts'
import { memberText } from '../resource-output.ts'
import { importMembers } from '../secure-import.ts'
import type { Surroundings } from '../surroundings.ts'

interface Options extends InstanceOptions, ImportOptions {
  readonly standard?: boolean
  readonly description?: string
  readonly alias?: readonly string[]
  readonly tag?: readonly string[]
  readonly expires?: string
  readonly ring?: string
  readonly rotateEvery?: number
  readonly dualAuth?: boolean
  readonly json?: boolean
}

export function addKeysCreate(keys: Command, io: Surroundings): void {
  const command = importOptions(withInstance(keys.command('create')), 'import what the file holds instead')
    .description('a new key, made inside the crypto unit: a root key, unless --standard')
    .argument('<name>', 'what it is called')
    .option('--standard', 'a standard key, whose material can be taken out')
    .option('--description <text>', 'what it is for')
    .option('--alias <alias>', 'another name for it; may be given five times', several)
    .option('--tag <tag>', 'a tag; may be given several times', several)
    .option('--expires <date>', 'when it is deactivated, as in RFC 3339')
    .option('--ring <ring>', 'the key ring it goes into')
    .option('--rotate-every <months>', 'a rotation policy, instead of those of the instance', wholeNumber(1, 12))
    .option('--dual-auth', 'two people must agree to its deletion, instead of the policies of the instance')
    .option('--json', 'as JSON')
    .action((name: string, options: Options) => createKey(io, name, options))
  examples(
    command,
    'keys create billing',
    'keys create billing --ring finance --alias billing-2026 --rotate-every 3 --dual-auth',
    'keys create session-secret --standard --json',
    'keys create brought-in --material key.bin --import-token hpcs',
  )
}

async function createKey(io: Surroundings, name: string, options: Options): Promise<void> {
  const { description, alias, tag, expires, ring, rotateEvery, dualAuth } = options
  const kind = options.standard === true ? 'standard' : 'root'
  if (kind === 'standard' && options.importToken !== undefined) {
    throw new CliError('BAD_INPUT', 'only the material of a root key comes by an import token', 'leave out --standard')
  }
  const kms = await openKms(io, options)
  const inRing = ring === undefined ? {} : { 'x-kms-key-ring': ring }
  const material = await importMembers(kms, options, inRing)
  const overrides = {
    ...(rotateEvery === undefined ? {} : { rotation: { enabled: true, interval_month: rotateEvery } }),
    ...(dualAuth === undefined ? {} : { dualAuthDelete: { enabled: true } }),
  }
  const resource = {
    type: keyMediaType,
    name,
    extractable: kind === 'standard',
    ...(description === undefined ? {} : { description }),
    ...(alias === undefined ? {} : { aliases: alias }),
    ...(tag === undefined ? {} : { tags: tag }),
    ...(expires === undefined ? {} : { expirationDate: expires }),
    ...material,
    ...overrides,
  }
  const path = Object.keys(overrides).length > 0 ? '/keys_with_policy_overrides' : '/keys'
  const created = await kms.resource('POST', path, {
    json: envelope('key', resource),
    // Without this, a standard key's material would come back and be lost on the terminal.
    headers: { prefer: 'return=minimal', ...inRing },
  })
  if (options.json === true) io.out.write(`${printableJson(created, 2)}\n`)
  else io.out.write(`${printable(memberText(created, 'id'))}  ${kind} key ${printable(name)}\n`)
}
