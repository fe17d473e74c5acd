/** What else can be seen beside the list: switches for the histogram and the column of values. */
import type { ReactElement, ReactNode } from 'react'
import { useTranslation } from 'react-i18next'
import { BarsIcon, ColumnIcon } from '../app/icons.tsx'
import styles from './view-toggles.module.css'

export interface ViewToggle {
  readonly isShown: boolean
  readonly show: (isShown: boolean) => void
}

export function ViewToggles(props: { readonly histogram: ViewToggle; readonly facets: ViewToggle }): ReactElement {
  const { histogram, facets } = props
  const { t } = useTranslation('trail')
  return (
    <div className={styles.toggles}>
      <Toggle name={t('facets.open')} toggle={facets}>
        <ColumnIcon size={14} />
      </Toggle>
      <Toggle name={t('histogram.open')} toggle={histogram}>
        <BarsIcon size={14} />
      </Toggle>
    </div>
  )
}

function Toggle(props: { name: string; toggle: ViewToggle; children: ReactNode }): ReactElement {
  const { name, toggle, children } = props
  return (
    <button
      type="button"
      className={styles.toggle}
      aria-pressed={toggle.isShown}
      title={name}
      onClick={() => toggle.show(!toggle.isShown)}
    >
      {children}
      <span className={styles.label}>{name}</span>
    </button>
  )
}
