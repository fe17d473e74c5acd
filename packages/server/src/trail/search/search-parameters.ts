/** The parameters of a search as the API's description has them. */
import { Type } from 'typebox'

/** What is asked for, the same wherever events are asked for. */
export const filterParameters = {
  query: Type.Optional(Type.String({ description: 'In the query language, docs/reference/query.md' })),
  tz: Type.Optional(Type.String({ description: 'Time zone of times that name none, such as Europe/Berlin; UTC' })),
  from: Type.Optional(Type.String({ description: 'RFC 3339, a day, `now`, or relative such as `-15m`; inclusive' })),
  to: Type.Optional(Type.String({ description: 'The same forms; exclusive' })),
  action: Type.Optional(Type.String({ description: 'Current or former names, comma-separated' })),
  outcome: Type.Optional(Type.String()),
  severity: Type.Optional(Type.String()),
  initiator: Type.Optional(Type.String({ description: 'initiator.id' })),
  target: Type.Optional(Type.String({ description: 'target.id' })),
  instance: Type.Optional(Type.String()),
  correlationId: Type.Optional(Type.String()),
  keyId: Type.Optional(Type.String()),
  reasonCode: Type.Optional(Type.String()),
  text: Type.Optional(Type.String({ description: 'Words that all occur in the event' })),
}
