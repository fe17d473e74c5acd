/** `keywitness iam roles list`, `grant` and `revoke`: who may do what. */
import type { Command } from 'commander'
import { CliError } from '../cli-error.ts'
import { examples, withServer } from '../command-options.ts'
import { type ServerOptions, connect } from '../connection.ts'
import { create, listAll, textOf } from '../iam-api.ts'
import { printable, printableJson } from '../printable.ts'
import { memberText, printList } from '../resource-output.ts'
import type { Surroundings } from '../surroundings.ts'

interface ListOptions extends ServerOptions {
  readonly identity?: string
  readonly json?: boolean
}

interface GrantOptions extends ServerOptions {
  readonly instance?: string
  readonly ring?: string
  readonly keystore?: string
  readonly key?: string
  readonly tracker?: string
  readonly account?: boolean
  readonly json?: boolean
}

const url = '/v1/iam/roles'

export function addIamRoles(roles: Command, io: Surroundings): void {
  const list = withServer(roles.command('list'))
    .description('the roles that were granted in the account')
    .option('--identity <id>', 'only those of one user or service ID')
    .option('--json', 'as JSON')
    .action(async (options: ListOptions) => {
      const { client } = await connect(io, options)
      const found = await listAll(client, url, 'roles')
      const wanted = found.filter((grant) => options.identity === undefined || grant['identity'] === options.identity)
      printList(io, options.json, 'roles', wanted, [
        { title: 'id' },
        { title: 'identity', isWide: true },
        { title: 'role' },
        { title: 'scope', of: (grant) => memberText(grant, 'scope') },
      ])
    })
  examples(list, 'iam roles list', `iam roles list --identity ${exampleId}`)

  const grant = withServer(roles.command('grant'))
    .description('let a user or service ID do something; one of --account, --instance and --tracker says where')
    .argument('<identity>', 'the user or service ID')
    .argument(
      '<role>',
      'such as Reader, Writer, Manager, KeyPurge, CryptoUnitAdministrator, CertificateAdministrator, KmipAdapterManager, CryptoOperator, KeyOperator, KeystoreOperator, Auditor, Administrator',
    )
    .option('--instance <guid>', 'in a service instance')
    .option('--ring <ring>', 'of the instance, only in this key ring')
    .option('--keystore <uuid>', 'of the instance, only for this EP11 keystore, while it is public')
    .option('--key <uuid>', 'of the instance, only for this key in public EP11 keystores')
    .option('--tracker <location>', 'on the tracker of a location')
    .option('--account', 'in the whole account')
    .option('--json', 'as JSON')
    .action(async (identity: string, role: string, options: GrantOptions) => {
      const scope = scopeOf(options)
      const { client } = await connect(io, options)
      const made = await create(client, url, { identity, role, scope })
      if (options.json === true) io.out.write(`${printableJson(made, 2)}\n`)
      else io.out.write(`${printable(textOf(made, 'id'))}  ${printable(role)} for ${printable(identity)}\n`)
    })
  examples(
    grant,
    `iam roles grant ${exampleId} Writer --instance 7c1d9f3e-2b4a-4c5d-8e6f-0123456789ab --ring finance`,
    `iam roles grant ${exampleId} KeyOperator --instance 7c1d9f3e-2b4a-4c5d-8e6f-0123456789ab --keystore 0f8fad5b-d9cb-469f-a165-70867728950e`,
    `iam roles grant ${exampleId} Auditor --tracker us-south`,
  )

  const revoke = withServer(roles.command('revoke'))
    .description('take a role back; it ends at once')
    .argument('<id>', 'id of the grant, as the list shows it')
    .action(async (id: string, options: ServerOptions) => {
      const { client } = await connect(io, options)
      await client.text(`${url}/${encodeURIComponent(id)}`, { method: 'DELETE' })
      io.out.write(`revoked ${printable(id)}\n`)
    })
  examples(revoke, 'iam roles revoke 0190a2b4-5f6a-7c3d-8e9f-001122334455')
}

const exampleId = 'iam-ServiceId-0190a2b4-5f6a-7c3d-8e9f-001122334455'

function scopeOf({ instance, ring, keystore, key, tracker, account }: GrantOptions): object {
  const limits = { keyRing: ring, keystore, key }
  const given = Object.entries(limits).filter(([, limit]) => limit !== undefined)
  const scopes = [
    ...(instance === undefined ? [] : [{ kind: 'instance', id: instance, ...Object.fromEntries(given) }]),
    ...(tracker === undefined ? [] : [{ kind: 'tracker', id: tracker }]),
    ...(account === true ? [{ kind: 'account' }] : []),
  ]
  const [only] = scopes
  if (only === undefined || scopes.length > 1 || given.length > (instance === undefined ? 0 : 1)) {
    throw new CliError(
      'BAD_INPUT',
      'give one of --instance, --tracker and --account; one of --ring, --keystore and --key only with --instance',
    )
  }
  return only
}
