/** How the crypto units of an instance stand: whether they agree, what comes next, how far a rotation is, each unit. */
import { useQuery } from '@tanstack/react-query'
import type { TFunction } from 'i18next'
import { type ReactElement, useCallback, useEffect, useMemo } from 'react'
import { useTranslation } from 'react-i18next'
import { asApiError } from '../api/problem.ts'
import { createUnitsApi, type CryptoUnit, type UnitStates } from '../api/units-api.ts'
import { useApi } from '../app/session.tsx'
import { useShortcuts } from '../app/shortcuts.tsx'
import { StateView } from '../app/state-view.tsx'
import { formatCount } from '../i18n/texts.ts'
import { AsOf } from '../shared/as-of.tsx'
import { CommandLine } from '../shared/command-line.tsx'
import { type Column, DataTable } from '../shared/data-table.tsx'
import { InstancePage } from '../shared/instance-page.tsx'
import { Notice } from '../shared/notice.tsx'
import { ReadFailed } from '../shared/read-failed.tsx'
import { StaleNotice } from '../shared/stale-notice.tsx'
import { WholeWords } from '../shared/whole-words.tsx'
import { differencesOf } from './agreement.ts'
import { commandsOf, isToExplain, type NextStep, nextStepsOf } from './next-steps.ts'
import { RotationCard } from './rotation-card.tsx'
import { Pattern, UnitState } from './unit-labels.tsx'
import { UnitPanel } from './unit-panel.tsx'
import type { ViewProps } from './units-page.tsx'
import cards from '../shared/cards.module.css'
import styles from './units.module.css'

export function UnitsView({ guid, search, views, onChange }: ViewProps): ReactElement {
  const { t } = useTranslation('units')
  const { calls } = useApi()
  const api = useMemo(() => createUnitsApi(calls, guid), [calls, guid])
  const { data, error, refetch, dataUpdatedAt, isFetching } = useQuery({
    queryKey: ['units', guid],
    queryFn: async ({ signal }) => ({ states: await api.states(signal), rotation: await api.rotation(signal) }),
  })
  const units = data?.states.units
  const open = units?.find(({ hsm_id }) => hsm_id === search.unit)
  const close = useCallback(() => onChange({}), [onChange])
  const { offer } = useShortcuts()
  const hasOpen = open !== undefined
  useEffect(() => offer({ ...(hasOpen && { close }) }), [offer, hasOpen, close])
  const retry = (): void => void refetch()
  return (
    <InstancePage
      title={t('title')}
      views={views}
      panel={open === undefined ? undefined : <UnitPanel key={open.hsm_id} unit={open} onClose={close} />}
    >
      {units === undefined && error === null && <StateView kind="loading" title={t('loading')} />}
      {units === undefined && error !== null && (
        <ReadFailed title={t('failed')} forbidden={t('forbidden')} error={asApiError(error)} onRetry={retry} />
      )}
      {units?.length === 0 && <StateView kind="empty" title={t('empty')} text={t('emptyText')} />}
      {data !== undefined && units !== undefined && units.length > 0 && (
        <div className={cards.cards} tabIndex={0} role="group" aria-label={t('title')}>
          <AsOf at={dataUpdatedAt} isReading={isFetching} onRefresh={retry} />
          <StaleNotice error={error} />
          <Troubles units={units} />
          <Agreement states={data.states} />
          <NextSteps units={units} guid={guid} />
          <RotationCard rotation={data.rotation} />
          <h2 className={cards.heading}>{t('units')}</h2>
          <DataTable
            label={t('units')}
            columns={columnsIn(t)}
            rows={units}
            keyOf={({ hsm_id }) => hsm_id}
            openKey={search.unit}
            onOpen={({ hsm_id }) => onChange({ unit: hsm_id }, search.unit !== undefined)}
          />
        </div>
      )}
    </InstancePage>
  )
}

/** Units that are not to be relied on are read first. */
function Troubles({ units }: { readonly units: readonly CryptoUnit[] }): ReactElement | null {
  const { t } = useTranslation('units')
  const troubled = units.filter(({ state }) => troubles.some((each) => each === state))
  if (troubled.length === 0) return null
  const count = troubled.length
  return (
    <Notice
      tone={troubled.every(({ state }) => state === 'serving') ? 'warning' : 'critical'}
      title={t('troubles', { count, formatted: formatCount(count) })}
    >
      <ul className={styles.troubles}>
        {troubled.map(({ hsm_id, location, state }) => (
          <li key={hsm_id}>
            <WholeWords text={location} /> <UnitState state={state} />
            <p>{t(`stateTexts.${state}`)}</p>
          </li>
        ))}
      </ul>
    </Notice>
  )
}

const troubles = ['differs', 'stale', 'serving'] as const

/** Units that nobody administers agree in nothing but that. */
const isNobodys = ({ administrators, state }: CryptoUnit): boolean => state === 'imprint' && administrators.length === 0

function Agreement({ states: { units, masterKeyInForce } }: { readonly states: UnitStates }): ReactElement {
  const { t } = useTranslation('units')
  const differences = differencesOf(units)
  const isAlike = differences.length === 0
  const count = units.length
  if (units.every(isNobodys)) {
    return (
      <Notice tone="warning" title={t('nobodys', { count, formatted: formatCount(count) })}>
        <p>{t('nobodysText')}</p>
      </Notice>
    )
  }
  return (
    <Notice
      tone={isAlike ? 'good' : 'warning'}
      title={
        isAlike
          ? t('alike', { count, formatted: formatCount(count) })
          : t('differ', { what: differences.map((kind) => t(`differences.${kind}`)).join(', ') })
      }
    >
      {!isAlike && <p>{t('differText')}</p>}
      {masterKeyInForce === undefined ? (
        <p>{t('noKeyInForce')}</p>
      ) : (
        <p>
          {t('keyInForce')} <Pattern pattern={masterKeyInForce} />
        </p>
      )}
    </Notice>
  )
}

function NextSteps({ units, guid }: { readonly units: readonly CryptoUnit[]; readonly guid: string }): ReactElement {
  const { t } = useTranslation('units')
  const steps = nextStepsOf(units)
  return (
    <>
      <h2 className={cards.heading}>{t('next')}</h2>
      {steps.length === 0 && <p className={cards.note}>{t(units.some(isToExplain) ? 'nextFind' : 'nextNone')}</p>}
      {steps.length > 0 && (
        <div className={styles.steps}>
          {steps.map((step) => (
            <StepCard key={step.step} step={step} all={units} guid={guid} />
          ))}
        </div>
      )}
      {steps.some((step) => commandsOf(step, units, guid).length > 0) && (
        <p className={cards.note}>{t('commandNote')}</p>
      )}
    </>
  )
}

interface StepCardProps {
  readonly step: NextStep
  readonly all: readonly CryptoUnit[]
  readonly guid: string
}

function StepCard({ step, all, guid }: StepCardProps): ReactElement {
  const { t } = useTranslation('units')
  const commands = commandsOf(step, all, guid)
  return (
    <section className={cards.card}>
      <div className={cards.top}>
        <h3 className={cards.name}>{t(`steps.${step.step}.title`)}</h3>
        <span className={cards.state}>
          {t('stepUnits', { count: step.units.length, formatted: formatCount(step.units.length) })}
        </span>
      </div>
      <p className={cards.text}>{t(`steps.${step.step}.text`)}</p>
      <p className={cards.note}>
        <WholeWords text={step.units.map(({ location }) => location).join(', ')} />
      </p>
      {commands.map((command, at) => (
        <div key={command} className={styles.command}>
          {at > 0 && <p className={cards.note}>{t('orByHand')}</p>}
          <CommandLine command={command} />
        </div>
      ))}
    </section>
  )
}

function columnsIn(t: TFunction<'units'>): readonly [Column<CryptoUnit>, ...Column<CryptoUnit>[]] {
  return [
    {
      id: 'location',
      title: t('unit'),
      cell: ({ location }) => <span className={styles.location}>{location}</span>,
      sortBy: ({ location }) => location,
    },
    {
      id: 'state',
      title: t('state'),
      cell: ({ state }) => <UnitState state={state} />,
      sortBy: ({ state }) => t(`states.${state}`),
    },
    { id: 'type', title: t('type'), needs: 'wide', cell: ({ type }) => t(`types.${type}`), sortBy: ({ type }) => type },
    {
      id: 'administrators',
      title: t('administrators'),
      isNumber: true,
      needs: 'middle',
      cell: ({ administrators }) => formatCount(administrators.length),
      sortBy: ({ administrators }) => administrators.length,
    },
    {
      id: 'thresholds',
      title: t('thresholds'),
      isNumber: true,
      needs: 'middle',
      cell: ({ signatureThreshold, revocationThreshold }) => `${signatureThreshold} / ${revocationThreshold}`,
      sortBy: ({ signatureThreshold }) => signatureThreshold,
    },
    {
      id: 'current',
      title: t('currentKey'),
      needs: 'middle',
      cell: ({ masterKey: { current } }) => <Pattern pattern={current.verificationPattern} isShort />,
      sortBy: ({ masterKey: { current } }) => current.verificationPattern,
    },
    {
      id: 'next',
      title: t('nextShort'),
      needs: 'wide',
      cell: (unit) => (isToExplain(unit) ? t('findOut') : t(`steps.${unit.next}.title`)),
    },
  ]
}
