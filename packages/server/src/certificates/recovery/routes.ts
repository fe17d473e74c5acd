/** `/v1/certs/{instance}/recoveries`: the account owner's way back when a certificate administrator has lost the key. */
import type { FastifyInstance } from 'fastify'
import { Type } from 'typebox'
import { answering } from '../../http/answer.ts'
import {
  addInstanceRoute,
  instanceCall,
  type InstanceRoute,
  type InstanceRouteParts,
} from '../../http/instance-route.ts'
import { approve } from './approve.ts'
import { listRecoveries } from './list.ts'
import type { RecoveryParts } from './parts.ts'
import { NewRecovery, proposeRecovery } from './propose.ts'
import { recoveriesResource, RecoveriesView, recoveryResource, RecoveryView } from './resource.ts'
import { withdraw } from './withdraw.ts'

const recoveries = '/v1/certs/:instance/recoveries'
const one = `${recoveries}/:recovery`
const tags = ['client certificates']
const response = { 200: RecoveryView }

export function addRecoveryRoutes(app: FastifyInstance, http: InstanceRouteParts, parts: RecoveryParts): void {
  for (const route of routes(parts)) addInstanceRoute(app, http, route)
}

function routes(parts: RecoveryParts): InstanceRoute[] {
  return [
    {
      method: 'POST',
      url: recoveries,
      schema: {
        tags,
        summary: 'Propose to remove what a certificate administrator has who lost the key',
        body: NewRecovery,
        response,
      },
      choose: () =>
        instanceCall({
          action: 'hs-crypto.mtlscert-recovery.create',
          operation: (request, seen) =>
            answering(proposeRecovery(request, parts), (made) => ({
              body: recoveryResource(made, request.instance, parts),
            }))(seen),
        }),
    },
    {
      method: 'GET',
      url: recoveries,
      schema: {
        tags,
        summary: 'Recoveries, the newest first, and who has a key or certificates',
        querystring: Type.Object({ limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 1_000, default: 100 })) }),
        response: { 200: RecoveriesView },
      },
      choose: () =>
        instanceCall({
          action: 'hs-crypto.mtlscert-recovery.list',
          operation: (request, seen) =>
            answering(listRecoveries(request, parts), (found) => ({
              body: recoveriesResource(found, request.instance, parts),
            }))(seen),
        }),
    },
    {
      method: 'POST',
      url: `${one}/approve`,
      schema: {
        tags,
        summary: 'Approve what another person has proposed: it is performed after the waiting time',
        response,
      },
      choose: () =>
        instanceCall({
          action: 'hs-crypto.mtlscert-recovery.approve',
          operation: (request, seen) =>
            answering(approve(request, parts), (approved) => ({
              body: recoveryResource(approved, request.instance, parts),
            }))(seen),
        }),
    },
    {
      method: 'POST',
      url: `${one}/withdraw`,
      schema: { tags, summary: 'Withdraw a recovery, whoever made it', response },
      choose: () =>
        instanceCall({
          action: 'hs-crypto.mtlscert-recovery.withdraw',
          operation: (request, seen) =>
            answering(withdraw(request, parts), (withdrawn) => ({
              body: recoveryResource(withdrawn, request.instance, parts),
            }))(seen),
        }),
    },
  ]
}
