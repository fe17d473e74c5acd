/** `keywitness kmip objects …`: the keys that clients of a KMIP adapter made. */
import type { Command } from 'commander'
import { examples, wholeNumber, withInstance } from '../command-options.ts'
import { objectStateText, objectTypeText, parseStates, stateWords } from '../kmip/object-states.ts'
import { type InstanceOptions, kmsPath, openKms } from '../kms-api.ts'
import { makeSure } from '../make-sure.ts'
import { printable } from '../printable.ts'
import { advised } from '../refusal-advice.ts'
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

export function addKmipObjects(objects: Command, io: Surroundings): void {
  const list = withInstance(objects.command('list'))
    .description('the objects of a KMIP adapter')
    .argument('<adapter>', "the adapter's id or name")
    .option('--state <states>', `only these, with commas: ${stateWords} (default: those not destroyed)`, parseStates)
    .option('-n, --limit <count>', 'objects at most', wholeNumber(1, 5000), 100)
    .option('--json', 'as JSON')
    .action(async (adapter: string, options: ListOptions) => {
      const query = { limit: options.limit, state: options.state }
      const path = kmsPath`/kmip_adapters/${adapter}/kmip_objects`
      const found = await (await openKms(io, options)).resources('GET', path, { query })
      printList(io, options.json, 'objects', found, [
        { title: 'id', isWide: true },
        { title: 'type', of: objectTypeText, isExtra: true },
        { title: 'state', of: objectStateText },
        { title: 'created', of: (object) => memberText(object, 'created_at') },
      ])
    })
  examples(list, 'kmip objects list vcenter', 'kmip objects list vcenter --state active,deactivated')

  const show = withInstance(objects.command('show'))
    .description('what is known about an object; never its material')
    .argument('<adapter>', "the adapter's id or name")
    .argument('<object>', 'its id')
    .option('--json', 'as JSON')
    .action(async (adapter: string, object: string, options: Options) => {
      const path = kmsPath`/kmip_adapters/${adapter}/kmip_objects/${object}`
      const found = await (await openKms(io, options)).resource('GET', path)
      const inWords = { ...found, kmip_object_type: objectTypeText(found), state: objectStateText(found) }
      printOne(io, options.json, options.json === true ? found : inWords)
    })
  examples(show, 'kmip objects show vcenter 0190a2b4-5f6a-4c3d-8e9f-001122334455')

  const remove = withInstance(objects.command('delete'))
    .description('destroy an object; what it encrypts can no longer be read')
    .argument('<adapter>', "the adapter's id or name")
    .argument('<object>', 'its id')
    .option('--force', 'also while it is active')
    .option('--yes', 'this is meant')
    .action((adapter: string, object: string, options: DeleteOptions) => deleteObject(io, adapter, object, options))
  examples(remove, 'kmip objects delete vcenter 0190a2b4-5f6a-4c3d-8e9f-001122334455 --yes')
}

async function deleteObject(io: Surroundings, adapter: string, object: string, options: DeleteOptions): Promise<void> {
  const path = kmsPath`/kmip_adapters/${adapter}/kmip_objects/${object}`
  if (options.yes !== true && io.confirm !== undefined) {
    const found = await (await openKms(io, options)).resource('GET', path)
    const made = memberText(found, 'created_at')
    io.err.write(`${printable(`${objectTypeText(found)} ${object}, ${objectStateText(found)}, made ${made}`)}\n`)
  }
  await makeSure(io, `deleting object ${printable(object)} makes everything it encrypts unreadable`, options.yes)
  const query = options.force === true ? { query: { force: 'true' } } : {}
  const advice = {
    KMIP_OBJECT_ACTIVE: 'its client may still need it; --force destroys it all the same',
    KMIP_OBJECT_DESTROYED: 'nothing is left to do',
  }
  await advised(advice, (await openKms(io, options)).send('DELETE', path, query))
  io.out.write(`deleted ${printable(object)}\n`)
}
