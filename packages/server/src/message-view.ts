/** Messages of a target as the API lists them: those that wait, or those that were given up. */
import { Type } from 'typebox'
import { badParameter, PageQuery, timestamp, Timestamp } from './http/schema.ts'
import type { Message } from './outbound/messages.ts'

export const MessagesQuery = Type.Object({
  ...PageQuery.properties,
  state: Type.Optional(Type.Union([Type.Literal('waiting'), Type.Literal('dead')], { default: 'dead' })),
})

export const MessageView = Type.Object({
  id: Type.String({ description: 'The header webhook-id of the message.' }),
  type: Type.String(),
  state: Type.Union([Type.Literal('waiting'), Type.Literal('dead')]),
  createdAt: Timestamp,
  expiresAt: Timestamp,
  nextAt: Type.Optional(Timestamp),
  attempts: Type.Integer(),
  problem: Type.Optional(Type.String({ description: 'Why the last attempt failed.' })),
})

/** @throws Refusal as `badParameter` has it */
export function messageState(query: URLSearchParams): 'waiting' | 'dead' {
  const state = query.get('state') ?? 'dead'
  if (state !== 'waiting' && state !== 'dead') throw badParameter('state')
  return state
}

export function messageView(message: Message): object {
  return {
    id: message.id,
    type: message.type,
    state: message.state,
    createdAt: timestamp(message.createdAt),
    expiresAt: timestamp(message.expiresAt),
    ...(message.state === 'dead' ? {} : { nextAt: timestamp(message.nextAt) }),
    attempts: message.attempts,
    ...(message.problem === null ? {} : { problem: message.problem }),
  }
}
