/** The families of actions in the order of the reference pages. */
import { type CatalogueEntry, type Family, catalogue } from '@keywitness/cadf'

const titles = {
  key: 'Keys',
  'key-ring': 'Key rings',
  policy: 'Policies',
  'import-token': 'Import tokens',
  registration: 'Registrations',
  tke: 'Trusted Key Entry',
  certificate: 'Certificate manager',
  kmip: 'KMIP for VMware',
  keystore: 'EP11 keystores',
  ep11: 'EP11 cryptography',
  'kmip-management': 'KMIP management',
  instance: 'Service instances',
  service: 'The service itself',
  identity: 'Identities',
  access: 'Roles',
  trail: 'The audit trail',
} as const satisfies Record<Family, string>

export interface FamilySection {
  readonly title: string
  readonly entries: readonly CatalogueEntry[]
}

export function families(): FamilySection[] {
  return Object.entries(titles).map(([family, title]) => ({
    title,
    entries: catalogue.all().filter((entry) => entry.family === family),
  }))
}
