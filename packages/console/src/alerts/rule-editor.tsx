/** A rule being written or changed: as a form or as JSON, tried on what was recorded before it is saved. */
import { type ReactElement, useEffect, useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { Rule, RuleView } from '../api/alert-types.ts'
import { asApiError } from '../api/problem.ts'
import { ActProblem } from '../shared/act-problem.tsx'
import { ConflictNote } from './conflict-note.tsx'
import { EditorFrame } from './editor-frame.tsx'
import { JsonField } from './json-field.tsx'
import { readJson } from './json-places.ts'
import { draftOf, isWholeInForm, newDraft, type RuleDraft, ruleOf } from './rule-draft.ts'
import { type Faults, faultOfRefusal, faultsOf, placesOf } from './rule-faults.ts'
import { RuleForm } from './rule-form.tsx'
import { RuleCondition } from './rule-text.tsx'
import { RuleTrial } from './rule-trial.tsx'
import { placeOfError, useRefusalWords } from './use-refusal-words.ts'
import { useChange, useSetupApi } from './use-setup.ts'
import styles from './editor.module.css'

interface RuleEditorProps {
  /** The rule that is changed; undefined for a new one. */
  readonly view: RuleView | undefined
  /** What a new one begins with. */
  readonly query: string
  readonly onSaved: (id: string) => void
  readonly onCancel: () => void
}

interface Wish {
  readonly rule: object
  /** The version that it follows; undefined for a new rule. */
  readonly follows: number | undefined
  readonly id: string
}

const nothingRefused: Faults = new Map()

export function RuleEditor({ view, query, onSaved, onCancel }: RuleEditorProps): ReactElement {
  const { t } = useTranslation('alerts')
  const words = useRefusalWords('rule')
  /** What the server has, as far as is known here: what is typed begins with it, and follows its version. */
  const [base, setBase] = useState(() => ({
    draft: view === undefined ? newDraft(query) : draftOf(view.rule),
    version: view?.version,
  }))
  const [draft, setDraft] = useState(base.draft)
  /** The rule as text; undefined while the form is shown. */
  const [json, setJson] = useState<string>()
  const [isLossy, setIsLossy] = useState(false)
  /** How often somebody tried to go on: from the first on, what is missing is said. */
  const [tries, setTries] = useState(0)
  const [refused, setRefused] = useState(nothingRefused)
  /** What was refused of the text, with its place. */
  const [refusedText, setRefusedText] = useState<ReturnType<typeof placeOfError>>()
  const saving = useChange(['rules'], (api, { rule, follows, id }: Wish) =>
    follows === undefined ? api.createRule(rule) : api.changeRule(id, rule, follows),
  )
  const conflict = useConflict(view?.rule.id, saving.error)

  const document = json === undefined ? ruleOf(draft) : documentIn(json)
  const own = json === undefined ? faultsOf(draft) : nothingRefused
  const faults: Faults = new Map([...(tries > 0 ? own : []), ...refused])

  const refuse = (error: Error | null): void => {
    const place = placeOfError(error)
    const fault = place === undefined || json !== undefined ? undefined : faultOfRefusal(place, placesOf(draft))
    if (json !== undefined) setRefusedText(place)
    else setRefused(fault === undefined ? nothingRefused : new Map([fault]))
    if (fault !== undefined || (json !== undefined && place !== undefined)) setTries((count) => count + 1)
  }
  const forget = (): void => {
    setRefused(nothingRefused)
    setRefusedText(undefined)
  }
  const tryIt = (): object | undefined => {
    forget()
    setTries((count) => count + 1)
    return own.size === 0 ? document : undefined
  }
  const save = (follows: number | undefined): void => {
    const rule = tryIt()
    if (rule === undefined || saving.isPending) return
    const id = view?.rule.id ?? String(Reflect.get(rule, 'id'))
    saving.mutate({ rule, follows, id }, { onSuccess: () => onSaved(id), onError: refuse })
  }
  const change = (next: RuleDraft): void => {
    setDraft(next)
    forget()
    saving.reset()
  }
  const toForm = (): void => {
    if (document === undefined) return
    setIsLossy(!isWholeInForm(document))
    if (!isWholeInForm(document)) return
    change(draftOf(document))
    setJson(undefined)
  }
  const isPlaced = refused.size > 0 || refusedText !== undefined
  return (
    <EditorFrame
      label={t(view === undefined ? 'rule.new' : 'rule.edit')}
      title={view === undefined ? t('rule.new') : t('rule.editOf', { name: view.rule.name })}
      head={<ModeSwitch isJson={json !== undefined} onForm={toForm} onJson={() => setJson(textOf(draft))} />}
      warning={
        isLossy &&
        json !== undefined && (
          <p className={styles.warn} role="alert">
            {t('rule.notShown')}
          </p>
        )
      }
      side={
        <section className={styles.side} aria-label={t('rule.preview')}>
          {json === undefined && <RuleCondition rule={ruleOf(draft) as Rule} />}
          <h3 className={styles.heading}>{t('rule.preview')}</h3>
          <p className={styles.note}>{t('rule.previewNote')}</p>
          <RuleTrial prepare={tryIt} onRefused={refuse} />
        </section>
      }
      problem={
        <>
          {faults.has('') && (
            <p className={styles.error} role="alert">
              {words.fault(faults.get(''))}
            </p>
          )}
          {conflict !== undefined && (
            <ConflictNote
              mine={document ?? {}}
              theirs={conflict}
              onTake={() => {
                const theirs = draftOf(conflict.rule)
                setJson(undefined)
                setBase({ draft: theirs, version: conflict.version })
                change(theirs)
              }}
              onOverwrite={() => save(conflict.version)}
            />
          )}
          {saving.error !== null && conflict === undefined && !isPlaced && (
            <ActProblem error={asApiError(saving.error)} said={words.said(saving.error)} onDismiss={saving.reset} />
          )}
        </>
      }
      save={t(view === undefined ? 'rule.create' : 'rule.save')}
      note={t(view === undefined ? 'rule.beginsOff' : 'rule.beginsAnew')}
      isChanged={(json ?? textOf(draft)) !== textOf(base.draft)}
      // Which of the two is saved is said in the note.
      isReady={conflict === undefined}
      isBusy={saving.isPending}
      tries={tries}
      onSave={() => save(base.version)}
      onCancel={onCancel}
    >
      {json === undefined ? (
        <RuleForm draft={draft} faults={faults} isNew={view === undefined} onChange={change} />
      ) : (
        <JsonField
          text={json}
          refusal={refusedText}
          onChange={(text) => {
            setJson(text)
            setIsLossy(false)
            forget()
            saving.reset()
          }}
        />
      )}
    </EditorFrame>
  )
}

function textOf(draft: RuleDraft): string {
  return JSON.stringify(ruleOf(draft), null, 2)
}

function documentIn(json: string): object | undefined {
  const reading = readJson(json)
  const value = 'fault' in reading ? undefined : reading.value
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? value : undefined
}

/** The rule as somebody else has made it meanwhile, read when the server refused ours for it. */
function useConflict(id: string | undefined, error: Error | null): RuleView | undefined {
  const api = useSetupApi()
  const [theirs, setTheirs] = useState<RuleView>()
  const isConflict = error !== null && asApiError(error).code === 'CONFLICT'
  useEffect(() => {
    if (!isConflict || id === undefined) return undefined
    let isWanted = true
    api.rule(id).then(
      (found) => isWanted && setTheirs(found),
      // The refusal itself stays on the page.
      () => undefined,
    )
    return () => {
      isWanted = false
    }
  }, [api, id, isConflict])
  return isConflict ? theirs : undefined
}

interface ModeSwitchProps {
  readonly isJson: boolean
  readonly onForm: () => void
  readonly onJson: () => void
}

function ModeSwitch({ isJson, onForm, onJson }: ModeSwitchProps): ReactElement {
  const { t } = useTranslation('alerts')
  return (
    <div className={styles.modes} role="group" aria-label={t('rule.mode')}>
      <button type="button" className={styles.mode} aria-pressed={!isJson} onClick={() => isJson && onForm()}>
        {t('rule.form')}
      </button>
      <button type="button" className={styles.mode} aria-pressed={isJson} onClick={() => !isJson && onJson()}>
        {t('rule.json')}
      </button>
    </div>
  )
}
