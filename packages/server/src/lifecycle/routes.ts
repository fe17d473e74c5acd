/** `POST /api/v2/event_ack`: where adopting services acknowledge lifecycle actions. */
import { Type } from 'typebox'
import { type KmsRoute, kmsRoute } from '../http/witnessed.ts'
import { acknowledge, type AcknowledgeParts } from './acknowledge.ts'
import { parseAcknowledgement } from './request.ts'
import { adopterStates } from './told.ts'

const open = { additionalProperties: true } as const

const Acknowledgement = Type.Object(
  {
    eventId: Type.String({ format: 'uuid', description: 'From the message.' }),
    adopterKeyState: Type.Union(adopterStates.map((state) => Type.Literal(state))),
    timestamp: Type.Optional(Type.String({ format: 'date-time' })),
    keyStateData: Type.Optional(
      Type.Object({ rewrappedKeyVersion: Type.String({ format: 'uuid', description: 'With DEK_ENABLED.' }) }, open),
    ),
    deleteRegistration: Type.Optional(Type.Boolean({ default: false })),
    resourceCrn: Type.Optional(
      Type.String({ description: 'One resource; default: all that the service has registered with the key.' }),
    ),
  },
  open,
)

export function lifecycleRoutes(parts: AcknowledgeParts): readonly KmsRoute[] {
  return [
    kmsRoute({
      method: 'POST',
      url: '/api/v2/event_ack',
      action: 'hs-crypto.secrets-event.ack',
      schema: {
        tags: ['registrations'],
        summary: 'Acknowledge a lifecycle action on a key (services only)',
        body: Type.Object(
          {
            metadata: Type.Object({ collectionType: Type.String(), collectionTotal: Type.Literal(1) }, open),
            resources: Type.Array(Acknowledgement),
          },
          open,
        ),
      },
      operation: async (request, seen) => {
        const done = await acknowledge(request, () => parseAcknowledgement(request.body()), parts)(seen)
        return { ...done, result: {} }
      },
    }),
  ]
}
