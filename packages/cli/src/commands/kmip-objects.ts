/** `keywitness kmip objects …`: the keys that clients of a KMIP adapter made. */
import type { Command } from 'commander'
import { CliError } from '../cli-error.ts'
import { examples, wholeNumber, withInstance } from '../command-options.ts'
import { type InstanceOptions, kmsPath, openKms, type Resource } from '../kms-api.ts'
import { printable } from '../printable.ts'
import { memberText, printList, printOne } from '../resource-output.ts'
import type { Surroundings } from '../surroundings.ts'

interface Options extends InstanceOptions {
  readonly json?: boolean
}

interface ListOptions extends Options {
  readonly state?: string
  readonly limit: number
}

interface DeleteOptions extends InstanceOptions {
  readonly force?: boolean
  readonly yes?: boolean
}

/** Object states by their number (KMIP 1.4, section 3.22). */
const states: Readonly<Record<number, string>> = {
  1: 'pre-active',
  2: 'active',
  3: 'deactivated',
  4: 'compromised',
  5: 'destroyed',
  6: 'destroyed compromised',
}

export function addKmipObjects(objects: Command, io: Surroundings): void {
  const list = withInstance(objects.command('list'))
    .description('the objects of a KMIP adapter')
    .argument('<adapter>', "the adapter's id or name")
    .option('--state <numbers>', 'such as 5,6 for destroyed ones, which are left out otherwise')
    .option('-n, --limit <count>', 'objects at most', wholeNumber(1, 5000), 100)
    .option('--json', 'as JSON')
    .action(async (adapter: string, options: ListOptions) => {
      const query = { limit: options.limit, state: options.state }
      const path = kmsPath`/kmip_adapters/${adapter}/kmip_objects`
      const found = await (await openKms(io, options)).resources('GET', path, { query })
      printList(io, options.json, 'objects', found, [
        { title: 'id', isWide: true },
        { title: 'state', of: (object: Resource) => states[Number(object['state'])] ?? '' },
        { title: 'created', of: (object) => memberText(object, 'created_at') },
      ])
    })
  examples(list, 'kmip objects list vcenter', 'kmip objects list vcenter --state 5,6')

  const show = withInstance(objects.command('show'))
    .description('what is known about an object')
    .argument('<adapter>', "the adapter's id or name")
    .argument('<object>', 'its id')
    .option('--json', 'as JSON')
    .action(async (adapter: string, object: string, options: Options) => {
      const path = kmsPath`/kmip_adapters/${adapter}/kmip_objects/${object}`
      printOne(io, options.json, await (await openKms(io, options)).resource('GET', path))
    })
  examples(show, 'kmip objects show vcenter 0190a2b4-5f6a-4c3d-8e9f-001122334455')

  const remove = withInstance(objects.command('delete'))
    .description('destroy an object; what it encrypts can no longer be read')
    .argument('<adapter>', "the adapter's id or name")
    .argument('<object>', 'its id')
    .option('--force', 'also while it is active')
    .option('--yes', 'this is meant')
    .action(async (adapter: string, object: string, options: DeleteOptions) => {
      if (options.yes !== true) {
        const what = `deleting object ${printable(object)} makes everything it encrypts unreadable`
        throw new CliError('BAD_INPUT', what, 'if that is meant, add --yes')
      }
      const query = options.force === true ? { query: { force: 'true' } } : {}
      const path = kmsPath`/kmip_adapters/${adapter}/kmip_objects/${object}`
      await (await openKms(io, options)).send('DELETE', path, query)
      io.out.write(`deleted ${printable(object)}\n`)
    })
  examples(remove, 'kmip objects delete vcenter 0190a2b4-5f6a-4c3d-8e9f-001122334455 --yes')
}
