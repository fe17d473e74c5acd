/** A SHA-256 fingerprint in pairs of digits, as other programs show it, to be compared and copied. */
import { Fragment, type ReactElement } from 'react'
import { useTranslation } from 'react-i18next'
import { CopyButton } from './copy-button.tsx'
import styles from './fingerprint.module.css'

/** @param hex 64 hex digits */
export function Fingerprint({ hex }: { readonly hex: string }): ReactElement {
  const { t } = useTranslation()
  const pairs = hex.toUpperCase().match(/.{1,2}/g) ?? []
  return (
    <span className={styles.line}>
      <code>
        {pairs.map((pair, at) => (
          <Fragment key={`${at}-${pair}`}>
            {at > 0 && ':'}
            {at > 0 && <wbr />}
            {pair}
          </Fragment>
        ))}
      </code>
      <CopyButton text={pairs.join(':')} label={t('copy.what', { what: t('copy.fingerprint') })} />
    </span>
  )
}
