/** `keywitness kmip objects …`: the keys that clients of a KMIP adapter made. */
import type { Command } from 'commander'
import { examples, wholeNumber, withInstance } from '../command-options.ts'
import { aboutList, tellMore } from '../kmip/more.ts'
import {
  objectKeyText,
  objectLine,
  objectNameText,
  objectStateText,
  objectText,
  objectTypeText,
  parseStates,
  stateWords,
} from '../kmip/object-states.ts'
import { type InstanceOptions, kmsPath, openKms, type Resource } from '../kms-api.ts'
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
  readonly search?: string
  readonly limit: number
  readonly offset: number
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
    .option('--search <text>', 'part of a name, or an id; exact: and not: before it')
    .option('-n, --limit <count>', 'objects at most', wholeNumber(1, 1_000_000), 100)
    .option('--offset <count>', 'objects to skip', wholeNumber(0, 1_000_000_000), 0)
    .option('--json', 'as JSON, with how many there are')
    .action((adapter: string, options: ListOptions) => listObjects(io, adapter, options))
  examples(
    list,
    'kmip objects list vcenter',
    'kmip objects list vcenter --state active,deactivated',
    'kmip objects list vcenter --search backup --limit 1000 --offset 1000',
  )

  const show = withInstance(objects.command('show'))
    .description('what is known about an object; never its material')
    .argument('<adapter>', "the adapter's id or name")
    .argument('<object>', 'its id')
    .option('--json', 'as JSON')
    .action(async (adapter: string, object: string, options: Options) => {
      const path = kmsPath`/kmip_adapters/${adapter}/kmip_objects/${object}`
      const found = await (await openKms(io, options)).resource('GET', path)
      printOne(io, options.json, options.json === true ? found : objectText(found))
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

/** Objects that the service lists at once. */
const pageMax = 5000

async function listObjects(io: Surroundings, adapter: string, options: ListOptions): Promise<void> {
  const { limit, offset, state, search, json } = options
  const kms = await openKms(io, options)
  const path = kmsPath`/kmip_adapters/${adapter}/kmip_objects`
  const listed = await kms.listed(path, { limit, offset, pageMax, query: { state, search } })
  const columns = [
    { title: 'id' },
    { title: 'name', of: objectNameText, isWide: true },
    { title: 'type', of: objectTypeText, isExtra: true },
    { title: 'key', of: objectKeyText },
    { title: 'state', of: objectStateText },
    { title: 'created', of: (object: Resource) => memberText(object, 'created_at'), isExtra: true },
  ]
  printList(io, json, 'objects', listed.resources, columns, aboutList(listed))
  if (json !== true) tellMore(io, listed, limit)
}

async function deleteObject(io: Surroundings, adapter: string, object: string, options: DeleteOptions): Promise<void> {
  const path = kmsPath`/kmip_adapters/${adapter}/kmip_objects/${object}`
  if (options.yes !== true && io.confirm !== undefined) {
    const found = await (await openKms(io, options)).resource('GET', path)
    io.err.write(`${printable(objectLine(found))}\n`)
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
