/** Where a role counts, in words. */
import { useTranslation } from 'react-i18next'
import type { Scope } from '../api/types.ts'
import { useInstances } from '../app/instances.ts'
import { roleNamed } from './roles.ts'

export interface Wording {
  /** `the instance billing (eu-de)`. */
  readonly where: (scope: Scope) => string
  /** What a role allows there, as a sentence. */
  readonly sentence: (role: string, scope: Scope) => string
}

export function useWording(): Wording {
  const { t } = useTranslation('access')
  const { data: instances = [] } = useInstances()
  const where = ({ kind, id = '', keyRing, keystore, key }: Scope): string => {
    if (kind === 'account') return t('where.account')
    if (kind === 'tracker') return t('where.tracker', { location: id })
    const known = instances.find(({ guid }) => guid === id)
    const instance =
      known === undefined
        ? t('where.unknownInstance', { id })
        : t('where.instance', { name: known.name, location: known.location })
    if (keyRing !== undefined) return t('where.ring', { ring: keyRing, instance })
    if (keystore !== undefined) return t('where.keystore', { id: keystore, instance })
    return key === undefined ? instance : t('where.key', { id: key, instance })
  }
  return {
    where,
    sentence: (role, scope) => {
      const known = roleNamed(role)
      return known === undefined ? t('unknownRole', { role }) : t(`role.${known}`, { where: where(scope) })
    },
  }
}
