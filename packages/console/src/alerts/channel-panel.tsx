/** One channel: where it leads, which rules name it, what did not arrive; turned off, changed, deleted. */
import { Button } from '@mantine/core'
import { type ReactElement, type ReactNode, useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { Channel, ChannelSettings } from '../api/alert-types.ts'
import { asApiError } from '../api/problem.ts'
import { PanelFact, PanelSection, SidePanel } from '../app/side-panel.tsx'
import { StateView } from '../app/state-view.tsx'
import { formatCount } from '../i18n/texts.ts'
import { ActProblem } from '../shared/act-problem.tsx'
import { ConfirmDialog } from '../shared/confirm-dialog.tsx'
import { ChannelFailing, ChannelStateLabel } from './channel-card.tsx'
import { channelKinds, type SettingName, settingsOf } from './channel-kinds.ts'
import { ChannelMessages } from './channel-messages.tsx'
import { RulesUsing } from './rules-using.tsx'
import type { AlertsSearch } from './search.ts'
import { useRefusalWords } from './use-refusal-words.ts'
import { useChange, useRules } from './use-setup.ts'
import panel from './alert-panel.module.css'
import say from '../shared/say-form.module.css'
import styles from './channels-view.module.css'

interface ChannelPanelProps {
  /** How it is; undefined when there is no such channel. */
  readonly channel: Channel | undefined
  /** Where it leads, as far as one may know. */
  readonly settings: Channel | undefined
  /** What is to be read before all else. */
  readonly notice: ReactNode
  readonly onClose: () => void
  readonly onChange: (search: AlertsSearch) => void
}

export function ChannelPanel({ channel, ...rest }: ChannelPanelProps): ReactElement {
  const { t } = useTranslation('alerts')
  return (
    <SidePanel label={t('channel.label')} closeLabel={t('channel.close')} onClose={rest.onClose}>
      {channel === undefined ? (
        <StateView kind="missing" title={t('channel.missing')} text={t('channel.missingText')} />
      ) : (
        <Whole channel={channel} {...rest} />
      )}
    </SidePanel>
  )
}

type WholeProps = Omit<ChannelPanelProps, 'channel'> & { readonly channel: Channel }

function Whole({ channel, settings, notice, onClose, onChange }: WholeProps): ReactElement {
  const { t } = useTranslation('alerts')
  const { id, name, state, dead, waiting } = channel
  const rules = useRules()
  const using = rules.data?.filter(({ rule }) => rule.channels?.includes(id) === true)
  const isKnown = settings?.settings !== undefined
  return (
    <div className={panel.whole} tabIndex={0} role="group" aria-label={name}>
      <div className={panel.headline}>
        <h2 className={panel.title}>
          <bdi>{name}</bdi>
        </h2>
        <p className={panel.marks}>
          <ChannelStateLabel state={state} />
        </p>
        <ChannelFailing channel={channel} />
        {notice}
      </div>
      <Turn
        channel={channel}
        onEdit={isKnown ? () => onChange({ view: 'channels', channel: id, edit: true }) : undefined}
      />
      <PanelSection title={t('channel.leads')}>
        {isKnown ? <Settings channel={settings} /> : <p className={say.note}>{t('channel.settingsHidden')}</p>}
      </PanelSection>
      <PanelSection title={t('channel.rules')}>
        <RulesUsing using={using} error={rules.error} onRetry={() => void rules.refetch()} onChange={onChange} />
        <p className={say.note}>{t(`rulesNote.${channel.minimum}`)}</p>
      </PanelSection>
      <PanelSection title={t('messages.title')}>
        <ChannelMessages key="dead" channel={channel} state="dead" count={dead} />
        <ChannelMessages key="waiting" channel={channel} state="waiting" count={waiting} />
      </PanelSection>
      <Deletion channel={channel} using={using?.map(({ rule }) => rule.name) ?? []} onDeleted={onClose} />
    </div>
  )
}

function Settings({ channel }: { readonly channel: Channel }): ReactElement {
  const { t } = useTranslation('alerts')
  const kind = channelKinds.find((each) => each === channel.kind)
  const settings: ChannelSettings = channel.settings ?? {}
  const wordOf = (name: SettingName, value: string): string => {
    if (name === 'security') return t(`security.${value as 'tls'}`, { defaultValue: value })
    return name === 'digest' ? t(`digest.${value as 'daily'}`, { defaultValue: value }) : value
  }
  const names: readonly SettingName[] = kind === undefined ? [] : settingsOf[kind].map(({ name }) => name)
  return (
    <dl>
      <PanelFact name={t('channel.kind')}>{kind === undefined ? channel.kind : t(`channelKind.${kind}`)}</PanelFact>
      {names
        .filter((name) => settings[name] !== undefined)
        .map((name) => {
          const value = settings[name]
          const text = typeof value === 'object' ? value.join(', ') : wordOf(name, String(value))
          return (
            <PanelFact key={name} name={t(`setting.${name}`)}>
              {name === 'ca' ? <pre className={styles.pem}>{text}</pre> : <bdi>{text}</bdi>}
            </PanelFact>
          )
        })}
      <PanelFact name={t('channel.secret')}>
        {t(channel.hasSecret === true ? 'channel.kept' : 'channel.noSecret')}
      </PanelFact>
    </dl>
  )
}

interface TurnProps {
  readonly channel: Channel
  /** Undefined for those who may not see where it leads. */
  readonly onEdit: (() => void) | undefined
}

function Turn({ channel, onEdit }: TurnProps): ReactElement {
  const { t } = useTranslation('alerts')
  const words = useRefusalWords('channel')
  const [isAsking, setIsAsking] = useState(false)
  const { id, isOn, name } = channel
  const turning = useChange(['channels'], (api, turnOn: boolean) => api.changeChannel(id, { isOn: turnOn }))
  return (
    <div className={say.turn}>
      <div className={say.buttons}>
        {onEdit !== undefined && (
          <Button variant="default" onClick={onEdit}>
            {t('channel.change')}
          </Button>
        )}
        <Button
          variant="default"
          disabled={turning.isPending}
          onClick={() => (isOn ? setIsAsking(true) : turning.mutate(true))}
        >
          {t(isOn ? 'channel.off' : 'channel.on')}
        </Button>
      </div>
      {isAsking && (
        <ConfirmDialog
          title={t('channel.offConfirm')}
          will={[t('channel.offWill', { name })]}
          confirm={t('channel.offConfirm')}
          isBusy={turning.isPending}
          error={turning.error}
          explain={words.said}
          onCancel={() => {
            turning.reset()
            setIsAsking(false)
          }}
          onConfirm={() => turning.mutate(false, { onSuccess: () => setIsAsking(false) })}
        />
      )}
      {!isAsking && turning.error !== null && (
        <ActProblem error={asApiError(turning.error)} said={words.said(turning.error)} onDismiss={turning.reset} />
      )}
    </div>
  )
}

interface DeletionProps {
  readonly channel: Channel
  /** Names of the rules that name it. */
  readonly using: readonly string[]
  readonly onDeleted: () => void
}

function Deletion({ channel, using, onDeleted }: DeletionProps): ReactElement {
  const { t } = useTranslation('alerts')
  const words = useRefusalWords('channel')
  const [isAsking, setIsAsking] = useState(false)
  const deleting = useChange(['channels'], (api, id: string) => api.deleteChannel(id))
  const { id, name, waiting } = channel
  const will = [
    ...(using.length > 0
      ? [t('channel.deleteUsed', { names: using.map((each) => t('quoted', { name: each })).join(', ') })]
      : []),
    t('channel.deleteWaiting', { count: waiting, formatted: formatCount(waiting) }),
    t('channel.deleteTold'),
  ]
  return (
    <div className={say.turn}>
      <Button variant="subtle" onClick={() => setIsAsking(true)}>
        {t('channel.delete')}
      </Button>
      {isAsking && (
        <ConfirmDialog
          title={t('channel.delete')}
          name={name}
          will={will}
          confirm={t('channel.deleteConfirm')}
          typed={[id, name]}
          isBusy={deleting.isPending}
          error={deleting.error}
          explain={words.said}
          onCancel={() => {
            deleting.reset()
            setIsAsking(false)
          }}
          onConfirm={() => deleting.mutate(id, { onSuccess: onDeleted })}
        />
      )}
    </div>
  )
}
