/** The catalogue: every action the product knows, from the family files, by current and by former name. */
import type { CatalogueEntry, EntrySpec, Family, FamilySpec, FieldSpec, FieldValues } from './catalogue/entry.ts'
import { keyAcknowledgement } from './catalogue/key-acknowledgement.ts'
import { keyDeletion } from './catalogue/key-deletion.ts'
import { keyLifecycle } from './catalogue/key-lifecycle.ts'
import { keyReading } from './catalogue/key-reading.ts'
import { keyUse } from './catalogue/key-use.ts'
import { access } from './catalogue/access.ts'
import { alertsAndChannels } from './catalogue/alert.ts'
import { adopters } from './catalogue/adopter.ts'
import { continuity } from './catalogue/continuity.ts'
import { certificate } from './catalogue/certificate.ts'
import { certificateRecovery } from './catalogue/certificate-recovery.ts'
import { delivery } from './catalogue/delivery.ts'
import { ep11 } from './catalogue/ep11.ts'
import { identity } from './catalogue/identity.ts'
import { importToken } from './catalogue/import-token.ts'
import { instance } from './catalogue/instance.ts'
import { keeping } from './catalogue/keeping.ts'
import { keyRing } from './catalogue/key-ring.ts'
import { keystore } from './catalogue/keystore.ts'
import { kmip } from './catalogue/kmip.ts'
import { kmipManagement } from './catalogue/kmip-management.ts'
import { logProof } from './catalogue/log-proof.ts'
import { policy } from './catalogue/policy.ts'
import { registration } from './catalogue/registration.ts'
import { retentionAndHolds } from './catalogue/retention.ts'
import { rulesAndMutes } from './catalogue/rule.ts'
import { savedViews } from './catalogue/view.ts'
import { service } from './catalogue/service.ts'
import { tke } from './catalogue/tke.ts'
import { ownTke } from './catalogue/tke-own.ts'
import { trail } from './catalogue/trail.ts'

const families = {
  key: { ...keyLifecycle, ...keyDeletion, ...keyUse, ...keyReading, ...keyAcknowledgement },
  'key-ring': keyRing,
  policy,
  'import-token': importToken,
  registration: { ...registration, ...adopters },
  tke: { ...tke, ...ownTke },
  certificate: { ...certificate, ...certificateRecovery },
  kmip,
  keystore,
  ep11,
  'kmip-management': kmipManagement,
  instance,
  service,
  identity,
  access,
  trail: {
    ...trail,
    ...delivery,
    ...continuity,
    ...logProof,
    ...keeping,
    ...retentionAndHolds,
    ...rulesAndMutes,
    ...alertsAndChannels,
    ...savedViews,
  },
} as const satisfies Record<Family, FamilySpec>

type Families = typeof families
type Specs = { [F in keyof Families]: (actions: Families[F]) => void }[keyof Families] extends (
  actions: infer A,
) => void
  ? A
  : never

/** Every action of the catalogue, retired ones included. */
type KnownAction = keyof Specs

/** The actions that something emits. */
export type ActionName = { [A in KnownAction]: Specs[A] extends { retired: true } ? never : A }[KnownAction]

/** Fields of `requestData` of an action, by dotted name, besides `requestURI` and `instanceID`. */
export type RequestFields<A extends ActionName> = Specs[A] extends { request: infer F extends readonly FieldSpec[] }
  ? FieldValues<F>
  : never

/** Fields of `responseData` of an action, by dotted name. */
export type ResponseFields<A extends ActionName> = Specs[A] extends { response: infer F extends readonly FieldSpec[] }
  ? FieldValues<F>
  : never

const entries: readonly CatalogueEntry[] = Object.entries(families).flatMap(([family, actions]) =>
  Object.entries<EntrySpec>(actions).map(([action, spec]) => ({
    ...spec,
    action,
    family: family as Family,
    formerNames: spec.formerNames ?? [],
  })),
)

const byName = new Map(entries.flatMap((entry) => [entry.action, ...entry.formerNames].map((name) => [name, entry])))

export const catalogue = {
  /** The entry of an action, by its current or a former name. */
  entry(action: string): CatalogueEntry | undefined {
    return byName.get(action)
  },
  /** All entries, family by family. */
  all(): readonly CatalogueEntry[] {
    return entries
  },
}

/** The current and all former names of an action; the name alone when the catalogue does not know it. */
export function namesFor(action: string): string[] {
  const entry = byName.get(action)
  return entry === undefined ? [action] : [entry.action, ...entry.formerNames]
}
