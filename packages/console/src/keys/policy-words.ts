/** What a policy of an instance decides, in words. */
import { useTranslation } from 'react-i18next'
import type { Effect } from './instance-policies.ts'

export function useEffectWords(): (effect: Effect) => string {
  const { t } = useTranslation('keys')
  return (effect) => {
    switch (effect.name) {
      case 'rotation':
        return effect.is === null ? t('acts.setRotation.none') : t('every', { count: effect.is })
      case 'network':
        return t(`instancePolicies.networks.${effect.is}`)
      case 'addresses':
        return effect.is === null ? t('instancePolicies.everyAddress') : effect.is.join(', ')
      default:
        return effect.is ? t('instancePolicies.yes') : t('instancePolicies.no')
    }
  }
}
