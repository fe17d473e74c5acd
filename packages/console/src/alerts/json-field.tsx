/** A rule as JSON to be written: what is no JSON, and what the server refuses, is marked where it stands. */
import { Button } from '@mantine/core'
import { type ReactElement, useId, useRef } from 'react'
import { useTranslation } from 'react-i18next'
import type { ApiError } from '../api/problem.ts'
import form from '../shared/say-form.module.css'
import { type TextPlace, lineOf, placeOf, readJson } from './json-places.ts'
import styles from './json-field.module.css'

interface JsonFieldProps {
  readonly text: string
  /** What the server said of a place in it. */
  readonly refusal: Pick<ApiError, 'at' | 'message'> | undefined
  readonly onChange: (text: string) => void
}

const charsMax = 600_000

export function JsonField({ text, refusal, onChange }: JsonFieldProps): ReactElement {
  const { t } = useTranslation('alerts')
  const ids = { area: useId(), fault: useId() }
  const area = useRef<HTMLTextAreaElement>(null)
  const reading = readJson(text)
  const fault = faultIn(text, reading, refusal)
  const mark = fault?.place
  const go = (): void => {
    area.current?.focus()
    if (mark !== undefined) area.current?.setSelectionRange(mark.from, mark.to)
  }
  return (
    <div className={styles.json}>
      <label htmlFor={ids.area} className={form.label}>
        {t('json.label')}
      </label>
      <div className={styles.box} data-fault={fault !== undefined || undefined}>
        {/* The same text behind it decides the height, and carries the mark. */}
        <pre className={styles.behind} aria-hidden="true">
          {mark === undefined ? (
            text
          ) : (
            <>
              {text.slice(0, mark.from)}
              <mark className={styles.mark}>{text.slice(mark.from, mark.to) || ' '}</mark>
              {text.slice(mark.to)}
            </>
          )}
          {'\n '}
        </pre>
        <textarea
          ref={area}
          id={ids.area}
          className={styles.area}
          value={text}
          maxLength={charsMax}
          spellCheck={false}
          autoCapitalize="off"
          autoComplete="off"
          aria-invalid={fault === undefined ? undefined : true}
          aria-describedby={fault === undefined ? undefined : ids.fault}
          onChange={(event) => onChange(event.currentTarget.value)}
        />
      </div>
      {fault !== undefined && (
        <div className={styles.fault}>
          <p id={ids.fault} className={form.error} role={refusal === undefined ? 'status' : 'alert'}>
            {t('json.fault', { line: lineOf(text, fault.place.from), message: fault.message ?? t('json.notJson') })}
          </p>
          <Button variant="default" size="compact-sm" onClick={go}>
            {t('json.go')}
          </Button>
        </div>
      )}
    </div>
  )
}

function faultIn(
  text: string,
  reading: ReturnType<typeof readJson>,
  refusal: JsonFieldProps['refusal'],
): { readonly place: TextPlace; readonly message: string | undefined } | undefined {
  if ('fault' in reading) return { place: reading.fault, message: undefined }
  if (refusal?.at === undefined) return undefined
  const { name, from, length } = refusal.at
  const place = placeOf(reading.places, name.replace(/^rule\.?/, ''))
  const isQuery = from !== undefined && text[place.from] === '"'
  return { place: isQuery ? within(text, place, from, length ?? 1) : place, message: refusal.message }
}

/** Characters of a string's value, as they stand in the text: those that are escaped there take more room. */
function within(text: string, { from, to }: TextPlace, at: number, length: number): TextPlace {
  const written = text.slice(from + 1, to - 1).match(/\\u.{4}|\\.|[\s\S]/g) ?? []
  const room = (count: number): number => written.slice(0, count).join('').length
  return { from: from + 1 + room(at), to: Math.max(from + 2 + room(at), from + 1 + room(at + length)) }
}
