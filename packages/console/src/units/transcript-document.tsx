/** A ceremony's transcript to read, to walk through and to print: who took part, each unit before and after, each step. */
import type { Person, Transcript, UnitFacts } from '@keywitness/cadf/transcripts'
import { type KeyboardEvent, type ReactElement, type ReactNode, useEffect, useRef } from 'react'
import { useTranslation } from 'react-i18next'
import { useWitnessState } from '../app/witness-room.tsx'
import { Notice } from '../shared/notice.tsx'
import { TranscriptHead } from '../shared/transcript-head.tsx'
import { PersonName } from './person-name.tsx'
import { TranscriptStep } from './transcript-step.tsx'
import { Pattern } from './unit-labels.tsx'
import sheet from '../shared/sheet.module.css'
import styles from './transcript.module.css'

interface TranscriptDocumentProps {
  readonly guid: string
  /** When its events were read; milliseconds since the epoch. */
  readonly madeAt: number
  readonly transcript: Transcript
  /** By the index of its event. */
  readonly actions: ReadonlyMap<number, string>
  /** Index of the event whose step is open. */
  readonly open: number | undefined
  readonly onOpen: (index: number | undefined) => void
}

export function TranscriptDocument(props: TranscriptDocumentProps): ReactElement {
  const { guid, madeAt, transcript } = props
  const { t } = useTranslation('units')
  const { people, units, differences, steps } = transcript
  return (
    <article className={styles.document} aria-label={t('transcript.title')}>
      <TranscriptHead
        title={t('transcript.title')}
        guid={guid}
        steps={steps}
        refused={steps.filter(({ isDone }) => !isDone).length}
        madeAt={madeAt}
      />
      <p className={sheet.text}>{t('transcript.intro')}</p>
      <section>
        <h2 className={styles.heading}>{t('transcript.who')}</h2>
        {people.length === 0 && <p>{t('transcript.whoNobody')}</p>}
        <ul className={styles.people}>
          {people.map((person) => (
            <li key={person.ski}>
              <PersonName person={person} />
            </li>
          ))}
        </ul>
      </section>
      <section>
        <h2 className={styles.heading}>{t('transcript.units')}</h2>
        {units.length > 1 && (
          <Notice
            tone={differences.length === 0 ? 'good' : 'warning'}
            title={
              differences.length === 0
                ? t('transcript.agree')
                : t('transcript.differ', { what: differences.join(', ') })
            }
          />
        )}
        {units.map(({ crn, location, before, after, isSetBack }) => (
          <section key={crn} className={styles.unit}>
            <h3 className={styles.unitName}>{location}</h3>
            {isSetBack && <p className={styles.bad}>{t('transcript.setBack')}</p>}
            <UnitTable location={location} before={before} after={after} />
          </section>
        ))}
      </section>
      <Steps {...props} />
    </article>
  )
}

interface UnitTableProps {
  readonly location: string
  readonly before: UnitFacts
  readonly after: UnitFacts
}

function UnitTable({ location, before, after }: UnitTableProps): ReactElement {
  const { t } = useTranslation('units')
  const number = (value: number | undefined): ReactNode => (value === undefined ? t('transcript.untold') : value)
  const register = (pattern: string | undefined): ReactNode =>
    pattern === undefined ? t('transcript.untold') : <Pattern pattern={pattern} />
  const people = (list: readonly Person[] | undefined): ReactNode => {
    if (list === undefined) return t('transcript.untold')
    if (list.length === 0) return t('transcript.noOne')
    return list.map((one) => one.names[0] ?? `${one.ski.slice(0, 16)}…`).join(', ')
  }
  const rows: readonly (readonly [string, (facts: UnitFacts) => ReactNode])[] = [
    [t('administrators'), (facts) => people(facts.administrators)],
    [t('transcript.signature'), (facts) => number(facts.signatureThreshold)],
    [t('transcript.revocation'), (facts) => number(facts.revocationSignatureThreshold)],
    [t('transcript.currentKey'), (facts) => register(facts.currentRegister)],
    [t('transcript.newKey'), (facts) => register(facts.newRegister)],
  ]
  const isBeforeTold = Object.values(before).some((fact) => fact !== undefined)
  const times = [...(isBeforeTold ? [['before', before] as const] : []), ['after', after] as const]
  return (
    <>
      <table className={styles.facts} aria-label={t('transcript.unitTable', { location })}>
        <thead>
          <tr>
            <td />
            {times.map(([time]) => (
              <th key={time} scope="col">
                {t(`transcript.${time}`)}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map(([name, tell]) => (
            <tr key={name}>
              <th scope="row">{name}</th>
              {times.map(([time, facts]) => (
                <td key={time}>{tell(facts)}</td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
      {!isBeforeTold && <p className={styles.note}>{t('transcript.beforeUntold')}</p>}
    </>
  )
}

/** Walked through with the arrow keys: the open step has the focus. */
function Steps({ transcript: { steps }, actions, open, onOpen }: TranscriptDocumentProps): ReactElement {
  const { t } = useTranslation('units')
  const { proven } = useWitnessState()
  const list = useRef<HTMLOListElement>(null)
  useEffect(() => {
    if (open === undefined) return
    const step = list.current?.querySelector(`[data-step="${open}"]`)
    const head = step?.querySelector('button')
    head?.focus({ preventScroll: true })
    step?.scrollIntoView({ block: 'nearest' })
  }, [open])
  const onKey = (event: KeyboardEvent): void => {
    const { target } = event
    if (!(target instanceof Element) || target.closest('[data-head]') === null) return
    const here = target.closest('[data-step]')?.getAttribute('data-step')
    const at = steps.findIndex(({ index }) => String(index) === here)
    const next = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: steps.length - 1 }[event.key]
    const step = next === undefined ? undefined : steps[next]
    if (step === undefined) return
    event.preventDefault()
    onOpen(step.index)
  }
  return (
    <section>
      <h2 className={styles.heading}>{t('transcript.steps')}</h2>
      <p className={styles.hint}>{t('transcript.walk')}</p>
      <ol ref={list} className={styles.steps} onKeyDown={onKey}>
        {steps.map((step, at) => (
          <TranscriptStep
            key={step.index}
            step={step}
            number={at + 1}
            action={actions.get(step.index) ?? ''}
            isOpen={step.index === open}
            isProven={proven.has(step.index)}
            onToggle={() => onOpen(step.index === open ? undefined : step.index)}
            onPrevious={at === 0 ? undefined : () => onOpen(steps[at - 1]?.index)}
            onNext={at === steps.length - 1 ? undefined : () => onOpen(steps[at + 1]?.index)}
          />
        ))}
      </ol>
    </section>
  )
}
