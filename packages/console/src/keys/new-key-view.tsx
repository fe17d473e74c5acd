/** A new key, made by the service: what it is to be. Its material is never given here, and never shown. */
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { Button } from '@mantine/core'
import { type FormEvent, type ReactElement, useEffect, useRef, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { type KeyKind, keyKinds } from '../api/key-states.ts'
import type { NewKey } from '../api/keys-api.ts'
import { asApiError } from '../api/problem.ts'
import { useRights } from '../app/rights.ts'
import { useShortcuts } from '../app/shortcuts.tsx'
import { ActProblem } from '../shared/act-problem.tsx'
import { CheckField, ChoiceField, RadioFields, TextField } from '../shared/fields.tsx'
import { InstancePage } from '../shared/instance-page.tsx'
import { cancelByEscape } from '../shared/say-form.tsx'
import { useUnsaved } from '../shared/unsaved.tsx'
import { aliasPattern, defaultRing } from './key-names.ts'
import type { KeysViewProps } from './keys-page.tsx'
import { RotationChoice } from './rotation-choice.tsx'
import { inventoryKey, useRings } from './use-inventory.ts'
import cards from '../shared/cards.module.css'
import form from '../shared/say-form.module.css'

export function NewKeyView({ api, guid, search, views, onChange, onMade }: KeysViewProps): ReactElement {
  const { t } = useTranslation('keys')
  const queries = useQueryClient()
  const { rings } = useRings(api, guid, true)
  const [begun] = useState<Wish>(() => ({ ...nothing, ring: search.ring ?? defaultRing }))
  const [wish, setWish] = useState(begun)
  const close = (): void => onChange(search.ring === undefined ? {} : { ring: search.ring })
  const { offer } = useShortcuts()
  useEffect(() => offer({ close }))
  const fields = useRef<HTMLFormElement>(null)
  useEffect(() => fields.current?.querySelector('input')?.focus(), [])
  const key = keyOf(wish)
  const making = useMutation({
    mutationFn: (wanted: NewKey) => api.create(wanted),
    networkMode: 'always',
    onSuccess: (id) => {
      void queries.invalidateQueries({ queryKey: inventoryKey(guid) })
      onMade(id)
    },
  })
  const isTaken = making.error !== null && asApiError(making.error).code === 'ALREADY_EXISTS'
  const takenAlias = isTaken ? making.variables.aliases[0] : undefined
  const isChanged = JSON.stringify(wish) !== JSON.stringify(begun)
  const { question } = useUnsaved(t('create.title'), isChanged, making.isPending)
  const submit = (event: FormEvent): void => {
    event.preventDefault()
    if (key !== undefined && !making.isPending) making.mutate(key)
  }
  return (
    <InstancePage title={t('title')} views={views}>
      <div className={cards.cards} tabIndex={0} role="group" aria-label={t('create.title')}>
        <form ref={fields} className={cards.card} onSubmit={submit} onKeyDown={cancelByEscape(close)}>
          <h2 className={cards.name}>{t('create.title')}</h2>
          <p className={cards.note}>{t('create.text')}</p>
          <Facts
            wish={wish}
            takenAlias={takenAlias}
            rings={ringsWith(
              rings?.map(({ id }) => id),
              wish.ring,
            )}
            onWish={setWish}
          />
          <Policies wish={wish} guid={guid} onWish={setWish} />
          {making.error !== null && <Problem error={making.error} onDismiss={making.reset} />}
          <div className={form.buttons}>
            <Button type="submit" disabled={key === undefined} aria-busy={making.isPending}>
              {making.isPending ? t('create.busy') : t(`create.confirm.${wish.kind}`)}
            </Button>
            <Button variant="subtle" onClick={close}>
              {t('create.cancel')}
            </Button>
          </div>
        </form>
      </div>
      {question}
    </InstancePage>
  )
}

interface Wish {
  readonly kind: KeyKind
  readonly name: string
  readonly description: string
  readonly alias: string
  readonly ring: string
  /** `2027-01-31`; empty for none. */
  readonly expires: string
  readonly policies: 'inherited' | 'own'
  readonly needsTwo: boolean
  readonly months: number | null
}

const nothing: Wish = {
  kind: 'root',
  name: '',
  description: '',
  alias: '',
  ring: defaultRing,
  expires: '',
  policies: 'inherited',
  needsTwo: true,
  months: null,
}

/** As the service takes them. */
const nameChars = { min: 2, max: 90 }
const descriptionChars = { min: 2, max: 240 }

/** Not while nothing is typed. */
const isShort = (text: string, min: number): boolean => text !== '' && text.trim().length < min

/** Undefined while something is missing or malformed. */
function keyOf({ kind, ring, expires, policies, needsTwo, months, ...texts }: Wish): NewKey | undefined {
  const [name, description, alias] = [texts.name.trim(), texts.description.trim(), texts.alias.trim()]
  const isSound =
    name.length >= nameChars.min &&
    (description === '' || description.length >= descriptionChars.min) &&
    (alias === '' || aliasPattern.test(alias))
  if (!isSound) return undefined
  return {
    kind,
    name,
    description,
    aliases: alias === '' ? [] : [alias],
    ring,
    expiresAt: expires === '' ? undefined : `${expires}T00:00:00Z`,
    policies: policies === 'own' ? { needsTwo, rotationMonths: kind === 'root' ? months : null } : undefined,
  }
}

function ringsWith(rings: readonly string[] = [defaultRing], asked: string): readonly string[] {
  return rings.includes(asked) ? rings : [asked, ...rings]
}

interface PartProps {
  readonly wish: Wish
  readonly onWish: (wish: Wish) => void
}

interface FactsProps extends PartProps {
  readonly rings: readonly string[]
  /** Another key has it, as the service said. */
  readonly takenAlias: string | undefined
}

function Facts({ wish, rings, takenAlias, onWish }: FactsProps): ReactElement {
  const { t } = useTranslation('keys')
  const typedAlias = wish.alias.trim()
  const isTaken = typedAlias !== '' && typedAlias === takenAlias
  return (
    <>
      <RadioFields
        label={t('facts.kind')}
        value={wish.kind}
        choices={keyKinds.map((kind) => [kind, t(`kindTexts.${kind}`)] as const)}
        onChoose={(kind) => onWish({ ...wish, kind })}
      />
      <TextField
        label={t('column.name')}
        note={t('create.nameNote')}
        most={nameChars.max}
        value={wish.name}
        isWrong={isShort(wish.name, nameChars.min)}
        onChange={(name) => onWish({ ...wish, name })}
      />
      <TextField
        label={t('create.alias')}
        note={isTaken ? t('create.aliasTaken') : t('acts.addAlias.note')}
        most={90}
        value={wish.alias}
        isWrong={isTaken || (wish.alias !== '' && !aliasPattern.test(typedAlias))}
        onChange={(alias) => onWish({ ...wish, alias })}
      />
      <ChoiceField
        label={t('column.ring')}
        value={wish.ring}
        choices={rings.map((ring) => [ring, ring])}
        onChoose={(ring) => onWish({ ...wish, ring })}
      />
      <TextField
        label={t('create.expires')}
        note={t('create.expiresNote')}
        most={10}
        type="date"
        value={wish.expires}
        onChange={(expires) => onWish({ ...wish, expires })}
      />
      <TextField
        label={t('create.description')}
        note={t('create.descriptionNote')}
        most={descriptionChars.max}
        value={wish.description}
        isWrong={isShort(wish.description, descriptionChars.min)}
        isProse
        onChange={(description) => onWish({ ...wish, description })}
      />
    </>
  )
}

/** What the instance gives to new keys, or policies of the key's own, which take the role Manager. */
function Policies({ wish, guid, onWish }: PartProps & { readonly guid: string }): ReactElement {
  const { t } = useTranslation('keys')
  const may = useRights()
  const mayOverride = may('keys.create-with-overrides', { instance: guid, keyRing: wish.ring })
  if (!mayOverride) return <p className={form.note}>{t('create.inherited')}</p>
  return (
    <>
      <RadioFields
        label={t('policies.title')}
        value={wish.policies}
        choices={[
          ['inherited', t('create.inherited')],
          ['own', t('create.own')],
        ]}
        onChoose={(policies) => onWish({ ...wish, policies })}
      />
      {wish.policies === 'own' && (
        <>
          <CheckField
            label={t('create.needsTwo')}
            isOn={wish.needsTwo}
            onChange={(needsTwo) => onWish({ ...wish, needsTwo })}
          />
          {wish.kind === 'root' && (
            <RotationChoice
              label={t('acts.setRotation.label')}
              months={wish.months}
              onChoose={(months) => onWish({ ...wish, months })}
            />
          )}
        </>
      )}
    </>
  )
}

const explained = ['ALREADY_EXISTS', 'KEY_CREATE_IMPORT_ACCESS_ERR', 'QUOTA_EXCEEDED'] as const

function Problem({ error, onDismiss }: { readonly error: Error; readonly onDismiss: () => void }): ReactElement {
  const { t } = useTranslation('keys')
  const { t: common } = useTranslation()
  const problem = asApiError(error)
  const known = explained.find((code) => code === problem.code)
  const unknown = problem.kind === 'network' ? common('confirm.offline') : undefined
  return (
    <ActProblem
      error={problem}
      forbidden={t('create.forbidden')}
      said={known === undefined ? unknown : t(`create.refusals.${known}`)}
      onDismiss={onDismiss}
    />
  )
}
