/** Who a rule tells: every channel that takes its severity, or chosen ones. */
import { type ReactElement, useId } from 'react'
import { useTranslation } from 'react-i18next'
import type { AlertSeverity } from '../api/alert-types.ts'
import form from '../shared/say-form.module.css'
import { FieldGroup } from './form-fields.tsx'
import { useChannels } from './use-setup.ts'

interface ChannelChoiceProps {
  readonly chosen: readonly string[] | undefined
  readonly severity: AlertSeverity
  readonly fault: string | undefined
  readonly onChange: (channels: readonly string[] | undefined) => void
}

const rank = { info: 0, warning: 1, critical: 2 } as const

export function ChannelChoice({ chosen, severity, fault, onChange }: ChannelChoiceProps): ReactElement {
  const { t } = useTranslation('alerts')
  const name = useId()
  const { data = [], error } = useChannels()
  const told = data.filter(({ isOn, minimum }) => isOn && rank[severity] >= rank[minimum])
  const unknown = (chosen ?? []).filter((id) => !data.some((channel) => channel.id === id))
  const toggle = (id: string): void => {
    const before = chosen ?? []
    onChange(before.includes(id) ? before.filter((each) => each !== id) : [...before, id])
  }
  return (
    <FieldGroup title={t('rule.tells')}>
      <label className={form.choice}>
        <input type="radio" name={name} checked={chosen === undefined} onChange={() => onChange(undefined)} />
        <span>
          {t('rule.tellsAll')}
          {error === null && (
            <>
              {' '}
              <bdi>
                {told.length === 0
                  ? t('rule.tellsNobodyNow')
                  : t('rule.tellsNow', { names: told.map((channel) => channel.name).join(', ') })}
              </bdi>
            </>
          )}
        </span>
      </label>
      <label className={form.choice}>
        <input type="radio" name={name} checked={chosen !== undefined} onChange={() => onChange(chosen ?? [])} />
        {t('rule.tellsChosen')}
      </label>
      {chosen !== undefined && (
        <div className={form.group} role="group" aria-label={t('rule.tellsChosen')}>
          {[...data, ...unknown.map((id) => ({ id, name: id, isOn: true }))].map((channel) => (
            <label key={channel.id} className={form.choice}>
              <input type="checkbox" checked={chosen.includes(channel.id)} onChange={() => toggle(channel.id)} />
              <bdi>{channel.isOn ? channel.name : t('rule.channelOff', { name: channel.name })}</bdi>
            </label>
          ))}
          {chosen.length === 0 && <p className={form.note}>{t('rule.tellsNobody')}</p>}
        </div>
      )}
      {error !== null && <p className={form.note}>{t('rule.channelsUnread')}</p>}
      {fault !== undefined && <p className={form.error}>{fault}</p>}
    </FieldGroup>
  )
}
