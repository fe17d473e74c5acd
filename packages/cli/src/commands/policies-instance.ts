/** `keywitness policies instance …`: the policies of a service instance. */
import { type Command, Option } from 'commander'
import { CliError } from '../cli-error.ts'
import { examples, several, wholeNumber, withInstance } from '../command-options.ts'
import { envelope, type InstanceOptions, openKms } from '../kms-api.ts'
import { memberText, printList } from '../resource-output.ts'
import type { Surroundings } from '../surroundings.ts'

interface ShowOptions extends InstanceOptions {
  readonly json?: boolean
}

interface SetOptions extends InstanceOptions {
  readonly off?: boolean
  readonly network?: string
  readonly cidr?: readonly string[]
  readonly forbid?: readonly string[]
  readonly enforceToken?: boolean
  readonly every?: number
}

const kinds = ['allowedNetwork', 'allowedIP', 'dualAuthDelete', 'keyCreateImportAccess', 'metrics', 'rotation'] as const
const ways = ['create-root', 'create-standard', 'import-root', 'import-standard'] as const

export function addInstancePolicies(policies: Command, io: Surroundings): void {
  const instance = policies.command('instance').description('the policies of a service instance')
  const show = withInstance(instance.command('show'))
    .description('the policies of a service instance')
    .option('--json', 'as JSON')
    .action(async (options: ShowOptions) => {
      const found = await (await openKms(io, options)).resources('GET', '/instance/policies')
      printList(io, options.json, 'policies', found, [
        { title: 'policy', of: (policy) => memberText(policy, 'policy_type') },
        { title: 'setting', isWide: true, of: (policy) => memberText(policy, 'policy_data') },
        { title: 'changed', of: (policy) => memberText(policy, 'lastUpdated') },
      ])
    })
  examples(show, 'policies instance show')

  const set = withInstance(instance.command('set'))
    .description('switch a policy on with its settings, or off')
    .argument('<policy>', kinds.join(', '))
    .option('--off', 'off')
    .addOption(new Option('--network <network>', 'allowedNetwork').choices(['public-and-private', 'private-only']))
    .option('--cidr <block>', 'allowedIP: a block of addresses; may be given several times', several)
    .option('--forbid <way>', `keyCreateImportAccess: ${ways.join(', ')}; may be given several times`, several)
    .option('--enforce-token', 'keyCreateImportAccess: imported material must come by an import token')
    .option('--every <months>', 'rotation: how often', wholeNumber(1, 12))
    .action(async (policy: string, options: SetOptions) => {
      const json = envelope('policy', { policy_type: kindOf(policy), policy_data: dataOf(policy, options) })
      await (await openKms(io, options)).send('PUT', '/instance/policies', { query: { policy }, json })
      io.out.write(`policy ${policy} ${options.off === true ? 'off' : 'on'}\n`)
    })
  examples(
    set,
    'policies instance set allowedNetwork --network private-only',
    'policies instance set allowedIP --cidr 192.0.2.0/24 --cidr 2001:db8::/32',
    'policies instance set keyCreateImportAccess --forbid import-standard --enforce-token',
    'policies instance set rotation --off',
  )
}

function kindOf(policy: string): string {
  if ((kinds as readonly string[]).includes(policy)) return policy
  throw new CliError('BAD_INPUT', 'there is no such policy', `one of ${kinds.join(', ')}`)
}

function dataOf(policy: string, options: SetOptions): object {
  const enabled = options.off !== true
  const attributes = attributesOf(policy, enabled, options)
  return { enabled, ...(attributes === undefined ? {} : { attributes }) }
}

function attributesOf(policy: string, enabled: boolean, options: SetOptions): object | undefined {
  // The API wants this one even to switch the policy off.
  if (policy === 'allowedNetwork') return { allowed_network: options.network ?? 'public-and-private' }
  if (!enabled) return undefined
  if (policy === 'allowedIP') return { allowed_ip: options.cidr ?? [] }
  if (policy === 'rotation') return { interval_month: options.every }
  if (policy !== 'keyCreateImportAccess') return undefined
  const forbidden = new Set(options.forbid)
  for (const way of forbidden) {
    if (!(ways as readonly string[]).includes(way)) {
      throw new CliError('BAD_INPUT', 'there is no such way to forbid', `one of ${ways.join(', ')}`)
    }
  }
  return {
    create_root_key: !forbidden.has('create-root'),
    create_standard_key: !forbidden.has('create-standard'),
    import_root_key: !forbidden.has('import-root'),
    import_standard_key: !forbidden.has('import-standard'),
    enforce_token: options.enforceToken === true,
  }
}
