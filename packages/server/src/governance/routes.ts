/** `GET /governance/v1/configs` (reference: kms-rest-api.md, section 7.11): where tools for compliance read configurations. */
import type { FastifyInstance } from 'fastify'
import { Type } from 'typebox'
import { addAccountRoute } from '../http/account-route.ts'
import { answering } from '../http/answer.ts'
import type { Door } from '../http/door.ts'
import { serviceCrn } from '../iam/names.ts'
import type { Instance } from '../instances/instance.ts'
import { formatDate } from '../keys/date.ts'
import { governanceLimits, parseConfigs, resourceKinds } from './query.ts'
import { type Configs, type ConfigState, type GovernanceParts, readConfigs } from './read-configs.ts'

const url = '/governance/v1/configs'

const optional = (description: string) => Type.Optional(Type.String({ description }))
const Property = Type.Object({ property: Type.String() }, { additionalProperties: true })
const schema = {
  tags: ['governance'],
  summary: 'Read how the instances or keys of an account are configured',
  querystring: Type.Object({
    config_request_id: optional('Chosen by the caller, repeated in the answer.'),
    account_id: optional('Default, and the only one allowed: the account of the caller.'),
    resource_kind: Type.Optional(Type.Union(resourceKinds.map((kind) => Type.Literal(kind)))),
    service_instance_crn: optional('Only this instance.'),
    resource_group_id: optional('Only instances of this resource group.'),
    limit: Type.Optional(Type.Integer({ minimum: 1, maximum: governanceLimits.page.max })),
    offset: Type.Optional(Type.Integer({ minimum: 0 })),
  }),
  response: {
    200: Type.Object(
      {
        account_id: Type.String(),
        service_name: Type.String(),
        resource_kind: Type.String(),
        timestamp: Type.String({ format: 'date-time' }),
        config_state: Type.Array(
          Type.Object(
            { resource_crn: Type.String(), current_config: Type.Array(Property) },
            { additionalProperties: true },
          ),
        ),
      },
      { additionalProperties: true },
    ),
  },
}

export function addGovernanceRoute(app: FastifyInstance, door: Door, parts: GovernanceParts): void {
  addAccountRoute(app, door, {
    method: 'GET',
    url,
    action: 'hs-crypto.governance-config.read',
    errorForm: 'kms',
    schema,
    place: ({ caller, query }) => {
      const instance = namedInstance(parts, caller.account, query.get('service_instance_crn'))
      if (instance !== undefined) {
        const { account, location, crn } = instance
        return { destination: { account, location }, logSourceCRN: crn, instanceID: instance.guid }
      }
      const home = door.accounts.find(caller.account)?.home ?? ''
      return {
        destination: { account: caller.account, location: home },
        logSourceCRN: serviceCrn(door.cname, home, caller.account),
      }
    },
    operation: (request, seen) =>
      answering(
        readConfigs(request, () => parseConfigs(request.query), parts),
        (configs) => ({ body: bodyOf(configs, request.caller.account) }),
      )(seen),
  })
}

/** The instance a query is about, so that the event goes where its other events go. */
function namedInstance(parts: GovernanceParts, account: string, crn: string | null): Instance | undefined {
  if (crn === null) return undefined
  return parts.instances.list(account, '', 100).find((instance) => instance.crn === crn)
}

function bodyOf({ wish, states, hasMore, readAt }: Configs, account: string): object {
  return {
    ...(hasMore ? { next: { href: hrefAfter(wish, states.length) } } : {}),
    account_id: account,
    service_name: 'hs-crypto',
    resource_kind: wish.kind,
    ...(wish.configRequestId === undefined ? {} : { config_request_id: wish.configRequestId }),
    timestamp: formatDate(readAt),
    config_state: states.map(stateOf),
  }
}

function stateOf({ crn, instance, id, config }: ConfigState): object {
  return {
    resource_crn: crn,
    resource_group_id: instance.resourceGroup,
    additional_target_attributes: { resource_id: id, location: instance.location, instance_id: instance.guid },
    current_config: config,
  }
}

function hrefAfter(wish: Configs['wish'], shown: number): string {
  const query = new URLSearchParams({
    resource_kind: wish.kind,
    limit: String(wish.limit),
    offset: String(wish.offset + shown),
    ...(wish.configRequestId === undefined ? {} : { config_request_id: wish.configRequestId }),
    ...(wish.instanceCrn === undefined ? {} : { service_instance_crn: wish.instanceCrn }),
    ...(wish.resourceGroup === undefined ? {} : { resource_group_id: wish.resourceGroup }),
  })
  return `${url}?${query.toString()}`
}
