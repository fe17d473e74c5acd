/** `keywitness adopters pending` and `acknowledge`: what a service has to do for its keys, and that it did it. */
import { type Command, InvalidArgumentError } from 'commander'
import { memberOf } from '../api-client.ts'
import { CliError } from '../cli-error.ts'
import { examples, withInstance, withServer } from '../command-options.ts'
import { type ServerOptions, connect } from '../connection.ts'
import { type Item, listAll } from '../iam-api.ts'
import { envelope, type InstanceOptions, openKms } from '../kms-api.ts'
import { printable } from '../printable.ts'
import { advised } from '../refusal-advice.ts'
import { printList } from '../resource-output.ts'
import type { Surroundings } from '../surroundings.ts'
import { adopterPath } from './adopters.ts'

interface PendingOptions extends ServerOptions {
  readonly json?: boolean
}

interface AcknowledgeOptions extends InstanceOptions {
  readonly keyVersion?: string
  readonly resource?: string
  readonly at?: string
  readonly deleteRegistration?: boolean
}

/** States of the data keys that a root key protects. */
const states = ['enabled', 'disabled', 'deleted'] as const

type State = (typeof states)[number]

export function addAdopterAcknowledging(adopters: Command, io: Surroundings): void {
  const pending = withServer(adopters.command('pending'))
    .description('what a service has to acknowledge, oldest first; the service itself may ask')
    .argument('<service>', 'its service ID')
    .option('--json', 'as JSON, with key versions, instances and resources')
    .action(async (id: string, options: PendingOptions) => {
      const { client } = await connect(io, options)
      printList(io, options.json, 'pending', await listAll(client, `${adopterPath(id)}/pending`, 'pending'), [
        { title: 'event', of: (one) => told(one, 'eventId') },
        { title: 'type' },
        { title: 'key', of: (one) => told(one, 'keyId') },
        { title: 'to be', of: (one) => wordOf(told(one, 'adopterKeyState')) },
        { title: 'before', of: (one) => told(one, 'acknowledgeBefore') },
        { title: 'resources', of: (one) => told(one, 'totalResources') },
      ])
    })
  examples(pending, 'adopters pending iam-ServiceId-0190a2b4-5f6a-4c3d-8e9f-001122334455 --json')

  const acknowledge = withInstance(adopters.command('acknowledge'))
    .description('report, as a service, that it did its part after something happened to a key')
    .argument('<event>', 'the event id of the message, or of adopters pending')
    .argument('<state>', `what its data keys are now: ${states.join(', ')}`, stateOf)
    .option('--key-version <id>', 'when enabled: the version of the key that its data keys are wrapped with now')
    .option('--resource <crn>', 'of this resource only, instead of all it registered with the key')
    .option('--at <date>', 'when it was done, as in RFC 3339 (default: now)')
    .option('--delete-registration', 'drop the registration as well')
    .action((event: string, state: State, options: AcknowledgeOptions) => acknowledgeEvent(io, event, state, options))
  examples(
    acknowledge,
    'adopters acknowledge 0190a2b4-5f6a-7c3d-8e9f-001122334455 disabled',
    'adopters acknowledge 0190a2b4-5f6a-7c3d-8e9f-001122334455 enabled --key-version 0190a2b4-5f6a-4c3d-8e9f-001122334455',
    'adopters acknowledge 0190a2b4-5f6a-7c3d-8e9f-001122334455 deleted --delete-registration',
  )
}

async function acknowledgeEvent(
  io: Surroundings,
  eventId: string,
  state: State,
  options: AcknowledgeOptions,
): Promise<void> {
  const { keyVersion, resource, at, deleteRegistration } = options
  if (state === 'enabled' && keyVersion === undefined) {
    throw new CliError(
      'BAD_INPUT',
      'with which version of the key are the data keys wrapped now?',
      'name it with --key-version; keywitness keys versions lists them',
    )
  }
  const report = {
    eventId,
    adopterKeyState: `DEK_${state.toUpperCase()}`,
    timestamp: at ?? new Date(io.now()).toISOString(),
    ...(keyVersion === undefined ? {} : { keyStateData: { rewrappedKeyVersion: keyVersion } }),
    ...(resource === undefined ? {} : { resourceCrn: resource }),
    ...(deleteRegistration === true ? { deleteRegistration } : {}),
  }
  const kms = await openKms(io, options)
  await advised(
    { SERVICE_ONLY_ERR: 'use the API key of the service itself' },
    kms.send('POST', '/event_ack', { json: envelope('event_acknowledge', report) }),
  )
  io.out.write(`acknowledged ${printable(eventId)}\n`)
}

/** In words as here, or as the API and its messages spell it. */
function stateOf(text: string): State {
  const word = wordOf(text)
  const state = states.find((known) => known === word)
  if (state !== undefined) return state
  throw new InvalidArgumentError(`It must be one of ${states.join(', ')}.`)
}

function wordOf(state: string): string {
  return state.replace(/^DEK_/, '').toLowerCase()
}

/** A member of what a service is told. */
function told(pending: Item, name: string): string {
  const value = memberOf(pending['data'], name)
  return typeof value === 'number' ? String(value) : typeof value === 'string' ? value : ''
}
