/** `keywitness kmip adapters list`, `show` and `delete`: what binds a root key to clients that speak KMIP. */
import type { Command } from 'commander'
import { Refused } from '../api-client.ts'
import { CliError } from '../cli-error.ts'
import { examples, wholeNumber, withInstance } from '../command-options.ts'
import { type InstanceOptions, type KmsApi, kmsPath, openKms } from '../kms-api.ts'
import { adapterText } from '../kmip/adapter-text.ts'
import { livingStates, objectStateText, objectTypeText } from '../kmip/object-states.ts'
import { aboutList, tellMore } from '../kmip/more.ts'
import { rootKeyId, rootKeyOf } from '../kmip/root-key.ts'
import { makeSure } from '../make-sure.ts'
import { formatCount, formatNumberOf, printable } from '../printable.ts'
import { advised } from '../refusal-advice.ts'
import { memberText, printList, printOne } from '../resource-output.ts'
import type { Surroundings } from '../surroundings.ts'

interface Options extends InstanceOptions {
  readonly json?: boolean
}

interface ListOptions extends Options {
  readonly key?: string
  readonly limit: number
  readonly offset: number
}

interface DeleteOptions extends InstanceOptions {
  readonly yes?: boolean
}

/** Objects counted at most: as many as the service lists at once. */
const countedMax = 5000

export function addKmipAdapters(adapters: Command, io: Surroundings): void {
  const list = withInstance(adapters.command('list'))
    .description('the KMIP adapters of a service instance')
    .option('--key <key>', 'only those of one root key')
    .option('-n, --limit <count>', 'adapters at most', wholeNumber(1, 200), 100)
    .option('--offset <count>', 'adapters to skip', wholeNumber(0, 1_000_000), 0)
    .option('--json', 'as JSON')
    .action(async (options: ListOptions) => {
      const { limit, offset, key, json } = options
      const kms = await openKms(io, options)
      const listed = await kms.listed('/kmip_adapters', { limit, offset, pageMax: 200, query: { crk_id: key } })
      if (listed.total === 0 && key !== undefined) await demandKey(kms, key)
      printList(
        io,
        json,
        'adapters',
        listed.resources,
        [
          { title: 'id' },
          { title: 'name', isWide: true },
          { title: 'key', of: rootKeyId },
          { title: 'created', of: (adapter) => memberText(adapter, 'created_at'), isExtra: true },
        ],
        aboutList(listed),
      )
      if (json !== true) tellMore(io, listed, limit)
    })
  examples(list, 'kmip adapters list', 'kmip adapters list --key billing-2026')

  const show = withInstance(adapters.command('show'))
    .description('one KMIP adapter, and the state of its root key')
    .argument('<adapter>', 'its id or name')
    .option('--json', 'as JSON')
    .action(async (adapter: string, options: Options) => {
      const kms = await openKms(io, options)
      const found = await kms.resource('GET', kmsPath`/kmip_adapters/${adapter}`)
      const root = await rootKeyOf(kms, found)
      printOne(io, options.json, options.json === true ? { ...found, root_key: root } : adapterText(found, root))
    })
  examples(show, 'kmip adapters show vcenter')

  const remove = withInstance(adapters.command('delete'))
    .description('delete a KMIP adapter whose objects are all destroyed; its certificates go with it')
    .argument('<adapter>', 'its id or name')
    .option('--yes', 'this is meant')
    .action((adapter: string, options: DeleteOptions) => deleteAdapter(io, adapter, options))
  examples(remove, 'kmip adapters delete vcenter --yes')
}

/** A key that no adapter has may be one that there is not. @throws Refused */
async function demandKey(kms: KmsApi, key: string): Promise<void> {
  try {
    await kms.send('GET', kmsPath`/keys/${key}/metadata`)
  } catch (error) {
    // Who may manage adapters need not be one who may read keys.
    if (!(error instanceof Refused) || error.status === 404) throw error
  }
}

async function deleteAdapter(io: Surroundings, adapter: string, options: DeleteOptions): Promise<void> {
  const what = `deleting adapter ${printable(adapter)} cuts every client of it off`
  if (options.yes === true || io.confirm === undefined) await makeSure(io, what, options.yes)
  const kms = await openKms(io, options)
  if (options.yes !== true) {
    await showWhatGoes(io, kms, adapter)
    await makeSure(io, what, options.yes)
  }
  const advice = { KMIP_OBJECTS_REMAIN: `keywitness kmip objects list ${printable(adapter)} names them` }
  await advised(advice, kms.send('DELETE', kmsPath`/kmip_adapters/${adapter}`))
  io.out.write(`deleted ${printable(adapter)}\n`)
}

/** @throws CliError `BAD_INPUT` when objects remain, for then the service refuses in any case */
async function showWhatGoes(io: Surroundings, kms: KmsApi, adapter: string): Promise<void> {
  const { name } = await kms.resource('GET', kmsPath`/kmip_adapters/${adapter}`)
  const certificates = await kms.resources('GET', kmsPath`/kmip_adapters/${adapter}/certificates`, {
    query: { limit: 200 },
  })
  const { resources: objects, total } = await kms.listed(kmsPath`/kmip_adapters/${adapter}/kmip_objects`, {
    limit: countedMax,
    offset: 0,
    pageMax: countedMax,
    query: { state: livingStates },
  })
  if (objects.length > 0) {
    const counts = Map.groupBy(objects, (object) => objectStateText(object) || objectTypeText(object))
    const states = [...counts].map(([state, those]) => `${those.length} ${state}`).join(', ')
    const of = total > objects.length ? ` of the first ${formatCount(objects.length)}` : ''
    throw new CliError(
      'BAD_INPUT',
      `adapter ${printable(adapter)} still has ${formatNumberOf(total, 'object')}:${of} ${states}`,
      `destroy them first: keywitness kmip objects list ${printable(adapter)} names them`,
    )
  }
  const names = certificates.map((certificate) => printable(memberText(certificate, 'name'))).join(', ')
  io.err.write(`adapter ${printable(String(name))}: no objects but destroyed ones\n`)
  io.err.write(
    `goes with it: ${formatNumberOf(certificates.length, 'certificate')}${names === '' ? '' : ` (${names})`}\n`,
  )
}
