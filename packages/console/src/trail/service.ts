/** The services by the name that people know them by. */
import type { TFunction } from 'i18next'

const known = ['hs-crypto', 'iam-identity', 'iam-access', 'activity-tracker', 'kms'] as const

/** @param service first part of an action, such as `hs-crypto` */
export function serviceLabel(service: string, t: TFunction): string {
  const name = known.find((each) => each === service)
  return name === undefined ? service : t(`service.${name}`)
}
