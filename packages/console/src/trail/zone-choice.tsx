/** In which zone times are shown and days begin: UTC, the browser's, or another one by its name. */
import { Button } from '@mantine/core'
import { type FormEvent, type ReactElement, useId, useMemo, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { CheckIcon } from '../app/icons.tsx'
import menu from '../app/menu-item.module.css'
import { useZone } from '../app/zone.tsx'
import { browserZone, zoneOf } from '../app/zones.ts'
import field from '../shared/say-form.module.css'
import styles from './time-range-choices.module.css'

export function ZoneChoice(): ReactElement {
  const { t } = useTranslation()
  const { zone, zones, choose } = useZone()
  const [typed, setTyped] = useState('')
  const [isUnknown, setIsUnknown] = useState(false)
  const id = useId()
  const known = useMemo(() => Intl.supportedValuesOf('timeZone'), [])
  const submit = (event: FormEvent): void => {
    event.preventDefault()
    const wanted = zoneOf(typed)
    setIsUnknown(wanted === undefined)
    if (wanted === undefined) return
    choose(wanted)
    setTyped('')
  }
  return (
    <section className={styles.zones} aria-label={t('range.zones.title')}>
      <p className={styles.heading}>{t('range.zones.title')}</p>
      <ul>
        {zones.map((each) => (
          <li key={each}>
            <button type="button" className={menu.item} aria-pressed={each === zone} onClick={() => choose(each)}>
              {each === 'utc' || each === 'local' ? t(`range.zones.${each}`, { zone: browserZone() }) : each}
              {each === zone && <CheckIcon size={14} />}
            </button>
          </li>
        ))}
      </ul>
      <form className={styles.other} onSubmit={submit}>
        <label htmlFor={id} className={field.label}>
          {t('range.zones.other')}
        </label>
        <input
          id={id}
          className={field.field}
          list={`${id}-known`}
          placeholder={t('range.zones.placeholder')}
          maxLength={64}
          autoComplete="off"
          spellCheck={false}
          value={typed}
          aria-invalid={isUnknown || undefined}
          aria-describedby={isUnknown ? `${id}-fault` : undefined}
          onChange={(event) => setTyped(event.currentTarget.value)}
        />
        <datalist id={`${id}-known`}>
          {known.map((name) => (
            <option key={name} value={name} />
          ))}
        </datalist>
        <Button type="submit" variant="default">
          {t('range.zones.show')}
        </Button>
        {isUnknown && (
          // Below the edge of a small window nobody would see it.
          <p
            id={`${id}-fault`}
            ref={(element) => element?.scrollIntoView({ block: 'nearest' })}
            className={field.error}
            role="alert"
          >
            {t('range.zones.unknown')}
          </p>
        )}
      </form>
    </section>
  )
}
