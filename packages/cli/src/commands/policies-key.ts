/** `keywitness policies show`, `rotation` and `dual-auth`: the policies of one key. */
import type { Command } from 'commander'
import { CliError } from '../cli-error.ts'
import { examples, wholeNumber, withInstance } from '../command-options.ts'
import { envelope, type InstanceOptions, kmsPath, openKms, type Resource } from '../kms-api.ts'
import { printable } from '../printable.ts'
import { memberText, printList } from '../resource-output.ts'
import type { Surroundings } from '../surroundings.ts'

interface ShowOptions extends InstanceOptions {
  readonly json?: boolean
}

interface RotationOptions extends InstanceOptions {
  readonly every?: number
  readonly on?: boolean
  readonly off?: boolean
}

const policyType = 'application/vnd.ibm.kms.policy+json'

export function addKeyPolicies(policies: Command, io: Surroundings): void {
  const show = withInstance(policies.command('show'))
    .description('the policies of a key')
    .argument('<key>', "the key's id or alias")
    .option('--json', 'as JSON')
    .action(async (key: string, options: ShowOptions) => {
      const found = await (await openKms(io, options)).resources('GET', kmsPath`/keys/${key}/policies`)
      printList(io, options.json, 'policies', found, [
        { title: 'policy', of: kindOf },
        { title: 'setting', isWide: true, of: (policy) => memberText(policy, kindOf(policy)) },
        { title: 'changed', of: (policy) => memberText(policy, 'lastUpdateDate') },
      ])
    })
  examples(show, 'policies show billing-2026')

  const rotation = withInstance(policies.command('rotation'))
    .description('rotate a generated root key regularly, or no longer')
    .argument('<key>', "the key's id or alias")
    .option('--every <months>', 'how often', wholeNumber(1, 12))
    .option('--on', 'again, as often as before')
    .option('--off', 'no longer')
    .action(async (key: string, options: RotationOptions) => {
      await setPolicy(io, key, 'rotation', rotationOf(options), options)
      io.out.write(`rotation policy of ${printable(key)} set\n`)
    })
  examples(rotation, 'policies rotation billing-2026 --every 3', 'policies rotation billing-2026 --off')

  const dualAuth = withInstance(policies.command('dual-auth'))
    .description('two people must agree to the deletion of a key; this cannot be taken back')
    .argument('<key>', "the key's id or alias")
    .action(async (key: string, options: InstanceOptions) => {
      await setPolicy(io, key, 'dualAuthDelete', { enabled: true }, options)
      io.out.write(`${printable(key)} is deleted by two people only\n`)
    })
  examples(dualAuth, 'policies dual-auth billing-2026')
}

function kindOf(policy: Resource): string {
  return policy['rotation'] === undefined ? 'dualAuthDelete' : 'rotation'
}

function rotationOf({ every, on, off }: RotationOptions): object {
  if (off === true && every === undefined && on === undefined) return { enabled: false }
  if (off === undefined && every !== undefined) return { enabled: true, interval_month: every }
  if (off === undefined && on === true) return { enabled: true }
  throw new CliError('BAD_INPUT', 'give one of --every, --on and --off')
}

async function setPolicy(io: Surroundings, key: string, kind: string, members: object, options: InstanceOptions) {
  const json = envelope('policy', { type: policyType, [kind]: members })
  await (await openKms(io, options)).send('PUT', kmsPath`/keys/${key}/policies`, { query: { policy: kind }, json })
}
