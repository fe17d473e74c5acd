/** `keywitness kmip adapters create`: binds a root key, chosen at the terminal if need be, to clients that speak KMIP. */
import type { Command } from 'commander'
import { CliError } from '../cli-error.ts'
import { examples, withInstance } from '../command-options.ts'
import { adapterText } from '../kmip/adapter-text.ts'
import { envelope, type InstanceOptions, type KmsApi, openKms, type Resource } from '../kms-api.ts'
import { printable } from '../printable.ts'
import { advised } from '../refusal-advice.ts'
import { memberText, printOne } from '../resource-output.ts'
import type { Surroundings } from '../surroundings.ts'

interface Options extends InstanceOptions {
  readonly name?: string
  readonly description?: string
  readonly allowExpiringKey?: boolean
  readonly json?: boolean
}

/** Keys offered at most: more are no choice any more. */
const offeredMax = 50

export function addKmipAdaptersCreate(adapters: Command, io: Surroundings): void {
  const create = withInstance(adapters.command('create'))
    .description('a new KMIP adapter; the root key wraps what its clients make')
    .argument('[key]', 'id or alias of the root key; without it a terminal offers those there are')
    .option('--name <name>', 'what it is called: letters, digits, - and _')
    .option('--description <text>', 'what it is for')
    .option('--allow-expiring-key', 'also when the root key expires one day')
    .option('--json', 'as JSON')
    .action((key: string | undefined, options: Options) => createAdapter(io, key, options))
  examples(create, 'kmip adapters create billing-2026 --name vcenter', 'kmip adapters create --name vcenter')
}

async function createAdapter(io: Surroundings, named: string | undefined, options: Options): Promise<void> {
  if (named === undefined && io.askText === undefined) {
    throw new CliError('BAD_INPUT', 'which root key?', 'name it by its id or an alias: keywitness keys list shows them')
  }
  const kms = await openKms(io, options)
  const { name, description } = options
  const resource = {
    ...(name === undefined ? {} : { name }),
    ...(description === undefined ? {} : { description }),
    profile: 'native_1.0',
    profile_data: { crk_id: named ?? (await chosenKey(io, kms, options)) },
  }
  const query = options.allowExpiringKey === true ? { query: { allowExpiringKey: 'true' } } : {}
  const request = { ...query, json: envelope('kmip_adapter', resource) }
  const advice = {
    KEY_ACTION_INVALID_STATE_ERR: 'the root key must be active; one that expires is taken with --allow-expiring-key',
    KEY_ROOT_REQ_ERR: 'a standard key wraps nothing: name a root key',
  }
  const made = await advised(advice, kms.resource('POST', '/kmip_adapters', request))
  printOne(io, options.json, options.json === true ? made : adapterText(made, undefined))
  if (!io.err.isTerminal) return
  const adapter = printable(memberText(made, 'name'))
  io.err.write(`Let a client use it: keywitness kmip certificates add ${adapter} <file>\n`)
}

async function chosenKey(io: Surroundings, kms: KmsApi, { allowExpiringKey }: Options): Promise<string> {
  const active = await kms.resources('GET', '/keys', { query: { limit: 5000, state: '1' } })
  const roots = active.filter((key) => key['extractable'] !== true).slice(0, offeredMax)
  if (roots.length === 0) {
    throw new CliError('BAD_INPUT', 'the instance has no active root key', 'keywitness keys create <name> makes one')
  }
  roots.forEach((key, index) => {
    io.err.write(`${String(index + 1).padStart(3)}  ${memberLine(key)}\n`)
  })
  const typed = (await io.askText?.(`Root key, 1 to ${roots.length}: `)) ?? ''
  const key = /^[1-9]\d*$/.test(typed.trim()) ? roots[Number(typed) - 1] : undefined
  if (key === undefined) throw new CliError('BAD_INPUT', 'that is none of them; nothing was made')
  if (isExpiring(key) && allowExpiringKey !== true) {
    const advice = 'what clients make is lost with it; --allow-expiring-key accepts that'
    throw new CliError('BAD_INPUT', `the root key expires ${printable(memberText(key, 'expirationDate'))}`, advice)
  }
  return memberText(key, 'id')
}

function memberLine(key: Resource): string {
  const expires = isExpiring(key) ? `  expires ${memberText(key, 'expirationDate')}` : ''
  return printable(`${memberText(key, 'id')}  ${memberText(key, 'name')}${expires}`)
}

function isExpiring(key: Resource): boolean {
  return memberText(key, 'expirationDate') !== ''
}
