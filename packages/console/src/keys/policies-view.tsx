/** The policies of an instance: what each decides, as it is in force, who set it, and how it is changed. */
import { Button } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { type ReactElement, useEffect, useMemo, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { createInstancePoliciesApi, type PolicyKind, type SetPolicy } from '../api/instance-policies-api.ts'
import { asApiError } from '../api/problem.ts'
import { useApi } from '../app/session.tsx'
import { useShortcuts } from '../app/shortcuts.tsx'
import { StateView } from '../app/state-view.tsx'
import { AsOf } from '../shared/as-of.tsx'
import { InstancePage } from '../shared/instance-page.tsx'
import { Moment } from '../shared/moment.tsx'
import { ReadFailed } from '../shared/read-failed.tsx'
import { StateLabel } from '../shared/state-label.tsx'
import { useNameOf } from '../shared/who.tsx'
import { effectsOf, policyIn, policyKinds } from './instance-policies.ts'
import type { KeysViewProps } from './keys-page.tsx'
import { PolicyDialog } from './policy-dialog.tsx'
import { useEffectWords } from './policy-words.ts'
import cards from '../shared/cards.module.css'
import styles from './policies-view.module.css'

export function PoliciesView({ guid, views }: KeysViewProps): ReactElement {
  const { t } = useTranslation('keys')
  const { calls } = useApi()
  const api = useMemo(() => createInstancePoliciesApi(calls, guid), [calls, guid])
  const [changing, setChanging] = useState<PolicyKind>()
  const [said, setSaid] = useState('')
  const { data, error, dataUpdatedAt, isFetching, refetch } = useQuery({
    queryKey: ['instance-policies', guid],
    queryFn: ({ signal }) => api.policies(signal),
    retry: false,
  })
  const { offer } = useShortcuts()
  useEffect(() => offer({}), [offer])
  return (
    <InstancePage title={t('title')} views={views}>
      {data === undefined && error === null && <StateView kind="loading" title={t('instancePolicies.loading')} />}
      {data === undefined && error !== null && (
        <ReadFailed
          title={t('instancePolicies.failed')}
          forbidden={t('instancePolicies.forbidden')}
          error={asApiError(error)}
          onRetry={() => void refetch()}
        />
      )}
      {data !== undefined && (
        <div className={cards.cards} tabIndex={0} role="group" aria-label={t('show.policies')}>
          <p className={cards.note}>{t('instancePolicies.text')}</p>
          <AsOf at={dataUpdatedAt} isReading={isFetching} onRefresh={() => void refetch()} />
          {error !== null && (
            <p role="alert" className={cards.failing}>
              {t('stale', { message: asApiError(error).told })}
            </p>
          )}
          <p role="status" className={cards.said}>
            {said}
          </p>
          <div className={styles.policies}>
            {policyKinds.map((kind) => (
              <Policy key={kind} kind={kind} policies={data.policies} onChange={() => setChanging(kind)} />
            ))}
          </div>
        </div>
      )}
      {changing !== undefined && data !== undefined && (
        <PolicyDialog
          api={api}
          guid={guid}
          before={policyIn(data.policies, changing)}
          event={data.event}
          onClose={() => setChanging(undefined)}
          onDone={() => {
            setChanging(undefined)
            setSaid(t('instancePolicies.done', { policy: t(`instancePolicies.${changing}.title`) }))
          }}
        />
      )}
    </InstancePage>
  )
}

interface PolicyProps {
  readonly kind: PolicyKind
  readonly policies: readonly SetPolicy[]
  readonly onChange: () => void
}

function Policy({ kind, policies, onChange }: PolicyProps): ReactElement {
  const { t } = useTranslation('keys')
  const words = useEffectWords()
  const nameOf = useNameOf()
  const value = policyIn(policies, kind)
  const set = policies.find((policy) => policy.value.kind === kind)
  const title = t(`instancePolicies.${kind}.title`)
  return (
    <section className={cards.card} aria-label={title}>
      <div className={cards.top}>
        <h2 className={cards.name}>{title}</h2>
        <StateLabel tone={value.isOn ? 'good' : 'plain'}>
          {value.isOn ? t('instancePolicies.on') : t('instancePolicies.off')}
        </StateLabel>
      </div>
      <p className={cards.text}>{t(`instancePolicies.${kind}.text`)}</p>
      <dl className={styles.effects}>
        {effectsOf(value).map((effect) => (
          <div key={effect.name} className={styles.effect}>
            <dt>{t(`instancePolicies.effects.${effect.name}`)}</dt>
            <dd>{words(effect)}</dd>
          </div>
        ))}
      </dl>
      <p className={cards.note}>
        {set === undefined ? (
          t('instancePolicies.never')
        ) : (
          <>
            {t('instancePolicies.set')} <Moment at={set.setAt} />{' '}
            <span title={set.setBy}>{t('facts.by', { who: nameOf(set.setBy) })}</span>
          </>
        )}
      </p>
      <div className={cards.buttons}>
        <Button variant="default" aria-label={t('instancePolicies.changeOf', { policy: title })} onClick={onChange}>
          {t('instancePolicies.change')}
        </Button>
      </div>
    </section>
  )
}
