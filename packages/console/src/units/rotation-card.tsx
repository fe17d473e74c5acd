/** How far the rotation of the master key is. */
import type { ReactElement } from 'react'
import { useTranslation } from 'react-i18next'
import type { Rotation } from '../api/units-api.ts'
import { formatCount } from '../i18n/texts.ts'
import { Fact } from '../shared/fact.tsx'
import { Pattern } from './unit-labels.tsx'
import cards from '../shared/cards.module.css'
import styles from './units.module.css'

export function RotationCard({ rotation }: { readonly rotation: Rotation }): ReactElement {
  const { t } = useTranslation('units')
  const { status, from, to } = rotation
  const [done, total] = [Number(rotation.rewrapped), Number(rotation.total)]
  return (
    <>
      <h2 className={cards.heading}>{t('rotation')}</h2>
      {status === 'none' ? (
        <p className={cards.note}>{t('rotations.none')}</p>
      ) : (
        <section className={cards.card}>
          <p className={cards.text}>{t(`rotations.${status}`)}</p>
          {total > 0 && (
            <>
              <progress className={styles.progress} max={total} value={done} aria-label={t('rotation')} />
              <p className={cards.note}>
                {t('rewrapped', { done: formatCount(done), total: formatCount(total), count: total })}
              </p>
            </>
          )}
          <dl>
            <Fact name={t('from')}>{from === '' ? '' : <Pattern pattern={from} />}</Fact>
            <Fact name={t('to')}>{to === '' ? '' : <Pattern pattern={to} />}</Fact>
          </dl>
        </section>
      )}
    </>
  )
}
