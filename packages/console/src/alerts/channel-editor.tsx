/** A channel being made or changed: where it leads, from which severity on, and its secret, which goes in and never out. */
import { type ReactElement, type RefObject, useId, useRef, useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { AlertSeverity, Channel, ChannelChange, NewChannel } from '../api/alert-types.ts'
import { asApiError } from '../api/problem.ts'
import { ActProblem } from '../shared/act-problem.tsx'
import {
  type ChannelKind,
  channelKinds,
  secretOf,
  settingsAsked,
  settingsIn,
  settingsOf,
  settingTexts,
  type SettingSpec,
} from './channel-kinds.ts'
import { EditorFrame } from './editor-frame.tsx'
import { Field } from '../shared/field.tsx'
import { AreaField, FieldGroup, SelectField, TextField } from './form-fields.tsx'
import { NameAndId } from './name-and-id.tsx'
import { idForm } from './setup-id.ts'
import { useRefusalWords } from './use-refusal-words.ts'
import { useChange } from './use-setup.ts'
import form from '../shared/say-form.module.css'

interface ChannelEditorProps {
  /** The channel that is changed, with its settings; undefined for a new one. */
  readonly channel: Channel | undefined
  /** @param signingSecret the one that the server made for a webhook: told this once */
  readonly onSaved: (id: string, signingSecret?: string) => void
  readonly onCancel: () => void
}

interface ChannelDraft {
  readonly id: string
  readonly name: string
  readonly kind: ChannelKind
  readonly minimum: AlertSeverity
  readonly texts: Readonly<Record<string, string>>
}

const minimums: readonly AlertSeverity[] = ['info', 'warning', 'critical']

export function ChannelEditor({ channel, onSaved, onCancel }: ChannelEditorProps): ReactElement {
  const { t } = useTranslation('alerts')
  const words = useRefusalWords('channel')
  const [begun] = useState(() => draftOf(channel))
  const [draft, setDraft] = useState(begun)
  const [tries, setTries] = useState(0)
  // Kept in the field alone: what is in no state is in no tool that shows states.
  const secret = useRef<HTMLInputElement>(null)
  const [hasSecret, setHasSecret] = useState(false)
  const saving = useChange(['channels'], (api, wish: NewChannel) =>
    channel === undefined ? api.createChannel(wish) : api.changeChannel(channel.id, changeOf(wish)),
  )
  const { id, name, kind, minimum, texts } = draft
  const isNew = channel === undefined

  const missing = new Map<string, string>(
    tries === 0 ? [] : missingIn(draft).map((place) => [place, t('fault.needed')]),
  )
  if (tries > 0 && !idForm.test(id)) missing.set('id', t(id === '' ? 'fault.needed' : 'fault.id'))
  const refusal = saving.error === null ? undefined : asApiError(saving.error)
  const faultAt = (place: string): string | undefined =>
    missing.get(place) ?? (refusal?.at?.name === place ? refusal.message : undefined)
  const secretFault = refusal?.at?.name.startsWith('secret') === true ? refusal.message : undefined
  const isPlaced = secretFault !== undefined || placesOf(kind).some((place) => place === refusal?.at?.name)

  const change = (next: Partial<ChannelDraft>): void => {
    setDraft({ ...draft, ...next })
    saving.reset()
  }
  const save = (): void => {
    setTries((count) => count + 1)
    if (missingIn(draft).length > 0 || !idForm.test(id) || saving.isPending) return
    const spec = secretOf[kind]
    const given = secret.current?.value.trim() ?? ''
    const wish: NewChannel = {
      id,
      name: name.trim(),
      kind,
      minimum,
      settings: settingsIn(kind, texts),
      ...(spec !== undefined && given !== '' && { secret: { [spec.name]: given } }),
    }
    saving.mutate(wish, {
      onSuccess: (saved) => {
        const made: unknown = Reflect.get(saved, 'signingSecret')
        onSaved(id, typeof made === 'string' ? made : undefined)
      },
      onError: () => setTries((count) => count + 1),
    })
  }
  return (
    <EditorFrame
      label={t(isNew ? 'channel.new' : 'channel.edit')}
      title={isNew ? t('channel.new') : t('channel.editOf', { name: channel.name })}
      problem={
        refusal !== undefined &&
        !isPlaced && <ActProblem error={refusal} said={words.said(refusal)} onDismiss={saving.reset} />
      }
      save={t(isNew ? 'channel.create' : 'channel.save')}
      note={t('channel.told')}
      isChanged={hasSecret || JSON.stringify(draft) !== JSON.stringify(begun)}
      isBusy={saving.isPending}
      tries={tries}
      onSave={save}
      onCancel={onCancel}
    >
      <FieldGroup title={t('channel.about')}>
        <SelectField
          label={t('channel.kind')}
          hint={t(`channelHint.${kind}`)}
          value={kind}
          isReadOnly={!isNew}
          options={channelKinds.map((value) => ({ value, text: t(`channelKind.${value}`) }))}
          onChange={(next) => {
            setHasSecret(false)
            change({ kind: next, texts: settingTexts(next, undefined) })
          }}
        />
        <NameAndId
          name={name}
          id={id}
          isNew={isNew}
          nameFault={faultAt('name')}
          idFault={faultAt('id')}
          onChange={change}
        />
        <SelectField
          label={t('channel.minimum')}
          hint={t('channel.minimumHint')}
          value={minimum}
          options={minimums.map((value) => ({ value, text: t(`minimum.${value}`) }))}
          onChange={(next) => change({ minimum: next })}
        />
      </FieldGroup>
      <FieldGroup title={t('channel.leads')}>
        {settingsAsked(kind, texts).map((spec) => (
          <SettingField
            key={`${kind} ${spec.name}`}
            spec={spec}
            value={texts[spec.name] ?? ''}
            fault={faultAt(`settings.${spec.name}`)}
            onChange={(value) => change({ texts: { ...texts, [spec.name]: value } })}
          />
        ))}
        <SecretField
          key={kind}
          kind={kind}
          isKept={channel?.hasSecret === true}
          isNew={isNew}
          fault={secretFault}
          input={secret}
          onChange={setHasSecret}
        />
      </FieldGroup>
    </EditorFrame>
  )
}

interface SettingFieldProps {
  readonly spec: SettingSpec
  readonly value: string
  readonly fault: string | undefined
  readonly onChange: (value: string) => void
}

function SettingField({ spec, value, fault, onChange }: SettingFieldProps): ReactElement {
  const { t } = useTranslation('alerts')
  const { name, form: kind, isOptional = false, choices = [] } = spec
  const shared = { label: t(`setting.${name}`), hint: t(`settingHint.${name}`), fault, value, onChange }
  if (kind === 'choice') {
    const known = choices.includes(value) ? choices : [value, ...choices]
    const textOf = (choice: string): string => {
      if (name === 'security') return t(`security.${choice}` as 'security.tls')
      if (name === 'digest') return t(choice === '' ? 'digest.none' : (`digest.${choice}` as 'digest.daily'))
      return choice === '' ? t('form.usual') : choice
    }
    return <SelectField {...shared} options={known.map((choice) => ({ value: choice, text: textOf(choice) }))} />
  }
  if (kind === 'pem') return <AreaField {...shared} isOptional rows={3} isCode />
  if (kind === 'addresses') return <AreaField {...shared} rows={2} isCode />
  return <TextField {...shared} isOptional={isOptional} isCode isShort={kind === 'port'} />
}

interface SecretFieldProps {
  readonly kind: ChannelKind
  readonly isKept: boolean
  readonly isNew: boolean
  readonly fault: string | undefined
  readonly input: RefObject<HTMLInputElement | null>
  /** Told whether anything stands in it, and never what. */
  readonly onChange: (isThere: boolean) => void
}

function SecretField({ kind, isKept, isNew, fault, input, onChange }: SecretFieldProps): ReactElement | null {
  const { t } = useTranslation('alerts')
  const name = useId()
  const spec = secretOf[kind]
  if (spec === undefined) return null
  const made = kind === 'webhook' && isNew
  return (
    <Field
      label={t(`secret.${kind}` as 'secret.email')}
      hint={t(made ? 'secretHint.made' : isKept ? 'secretHint.kept' : 'secretHint.given')}
      fault={fault}
      isOptional={isKept || !spec.isNeeded}
    >
      {(control) => (
        <input
          {...control}
          ref={input}
          name={name}
          className={form.field}
          type="password"
          autoComplete="new-password"
          spellCheck={false}
          onChange={(event) => onChange(event.currentTarget.value !== '')}
        />
      )}
    </Field>
  )
}

function draftOf(channel: Channel | undefined): ChannelDraft {
  const kind = channelKinds.find((each) => each === channel?.kind) ?? 'email'
  const { id = '', name = '', minimum = 'warning' } = channel ?? {}
  return { id, name, kind, minimum, texts: settingTexts(kind, channel?.settings) }
}

function missingIn({ name, kind, texts }: ChannelDraft): readonly string[] {
  const settings = settingsOf[kind].filter((spec) => spec.isOptional !== true && (texts[spec.name] ?? '').trim() === '')
  return [...(name.trim() === '' ? ['name'] : []), ...settings.map((spec) => `settings.${spec.name}`)]
}

function placesOf(kind: ChannelKind): readonly string[] {
  return ['id', 'name', ...settingsOf[kind].map(({ name }) => `settings.${name}`)]
}

function changeOf({ name, settings, secret, minimum }: NewChannel): ChannelChange {
  return { name, settings, minimum, ...(secret !== undefined && { secret }) }
}
