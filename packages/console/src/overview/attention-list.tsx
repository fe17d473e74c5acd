/** What needs somebody first, each with the way to where something can be done about it. */
import { Link } from '@tanstack/react-router'
import type { ReactElement } from 'react'
import { useTranslation } from 'react-i18next'
import { AlertIcon } from '../app/icons.tsx'
import { pageOf, addressOf } from '../app/pages.ts'
import { formatCount } from '../i18n/texts.ts'
import { Moment } from '../shared/moment.tsx'
import { StateLabel } from '../shared/state-label.tsx'
import { type Attention, attentionOf } from './attention.ts'
import type { Overview } from './use-overview.ts'
import sheet from '../shared/sheet.module.css'
import styles from './overview.module.css'

export function AttentionList({ overview }: { readonly overview: Overview }): ReactElement {
  const { t } = useTranslation('overview')
  const { locations, details, heardAt } = overview
  const known = locations.filter(({ status, alerting }) => status.value !== undefined && alerting.value !== undefined)
  const unknown = locations.filter(({ status, alerting }) => status.error ?? alerting.error)
  const items = attentionOf(
    locations.map(({ tracker, status, alerting }) => ({
      location: tracker.location,
      status: status.value,
      alerting: alerting.value,
    })),
    [...details.values()].flatMap(({ value }) => value ?? []),
    heardAt,
  )
  const isGrave = items.some(({ tone }) => tone === 'critical')
  return (
    <section className={sheet.section} aria-labelledby="attention">
      <h2 id="attention" className={sheet.heading}>
        {t('attention.title')}
      </h2>
      {unknown.map(({ tracker }) => (
        <p key={tracker.location} className={styles.unknown} role="alert">
          <AlertIcon size={14} className={styles.unknownMark} />
          <span>{t('attention.unknown', { location: tracker.location })}</span>
        </p>
      ))}
      {items.length === 0 && known.length === locations.length && locations.length > 0 && (
        <p className={sheet.text}>
          <StateLabel tone="good">{t('attention.none')}</StateLabel>
        </p>
      )}
      {items.length > 0 && (
        <ul className={styles.attention} data-grave={isGrave || undefined}>
          {items.map((item) => (
            <AttentionItem key={`${item.name} ${item.location} ${item.instance?.guid ?? ''}`} item={item} />
          ))}
        </ul>
      )}
    </section>
  )
}

function AttentionItem({ item }: { readonly item: Attention }): ReactElement {
  const { t } = useTranslation('overview')
  const { name, tone, count, location, instance, at } = item
  const words = t(`attention.say.${name}`, {
    count,
    formatted: formatCount(count),
    instance: instance?.name ?? '',
  })
  const address = addressFor(item)
  return (
    <li className={styles.attentionItem}>
      <StateLabel tone={tone}>{t(`attention.tone.${tone}`)}</StateLabel>
      <span className={styles.words}>
        {address === undefined ? (
          words
        ) : (
          <Link to={address.to} search={address.search} className={sheet.link ?? ''}>
            {words}
          </Link>
        )}{' '}
        {at !== undefined && <Moment at={at} />} <span className={styles.where}>{location}</span>
      </span>
    </li>
  )
}

interface Address {
  readonly to: string
  readonly search: Readonly<Record<string, string>>
}

/** Undefined where the console has no page for it. */
function addressFor({ place, location, instance }: Attention): Address | undefined {
  const at = encodeURIComponent(location)
  switch (place) {
    case 'integrity':
      return { to: `/integrity/${at}`, search: {} }
    case 'verifications':
    case 'continuity':
    case 'keeping':
      return { to: `/integrity/${at}`, search: { view: place } }
    case 'alerts':
      return { to: `/alerts/${at}`, search: {} }
    case 'channels':
    case 'rules':
      return { to: `/alerts/${at}`, search: { view: place } }
    case 'certificates': {
      const page = pageOf('/certificates')
      return page === undefined ? undefined : { to: addressOf(page, { instance: instance?.guid }), search: {} }
    }
  }
}
