/** Rules and calendars from a file: what is new in it, what is other, what is the same; then saved one by one, with what came of each. */
import { type ReactElement, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { formatCount } from '../i18n/texts.ts'
import { ActProblem } from '../shared/act-problem.tsx'
import { Field } from '../shared/field.tsx'
import { EditorFrame } from './editor-frame.tsx'
import { FieldGroup, TextField } from './form-fields.tsx'
import type { FileFault, PlannedItem } from './rules-file.ts'
import { ImportRow } from './rules-import-row.tsx'
import { type ReadFile, type RulesImport as Import, useRulesImport } from './use-rules-import.ts'
import form from '../shared/say-form.module.css'
import styles from './rules-import.module.css'

interface RulesImportProps {
  readonly onDone: () => void
}

const faultsShown = 20

export function RulesImport({ onDone }: RulesImportProps): ReactElement {
  const { t } = useTranslation('alerts')
  const taking = useRulesImport()
  const [left, setLeft] = useState<ReadonlySet<string>>(new Set())
  const [reason, setReason] = useState('')
  const [tries, setTries] = useState(0)
  const { file, results, isBusy } = taking
  const others = file?.plan.filter(({ change }) => change !== 'same') ?? []
  const chosen = others.filter(({ path }) => !left.has(path) && results.get(path)?.kind !== 'saved')
  const needsReason = chosen.some(({ turns }) => turns !== undefined)
  const isMissing = needsReason && reason.trim() === ''
  const save = (): void => {
    setTries((count) => count + 1)
    if (chosen.length > 0 && !isMissing && !isBusy) void taking.save(chosen, reason.trim())
  }
  const choose = (path: string, isWanted: boolean): void => {
    const next = new Set(left)
    if (isWanted) next.delete(path)
    else next.add(path)
    setLeft(next)
  }
  return (
    <EditorFrame
      label={t('file.title')}
      title={t('file.title')}
      save={t('file.save', { count: chosen.length, formatted: formatCount(chosen.length) })}
      note={t('file.note')}
      cancel={results.size === 0 ? undefined : t('file.back')}
      isReady={chosen.length > 0}
      isChanged={reason.trim() !== '' && chosen.length > 0}
      isBusy={isBusy}
      tries={tries}
      onSave={save}
      onCancel={onDone}
    >
      <Chooser
        taking={taking}
        onChosen={() => {
          setLeft(new Set())
          setTries(0)
        }}
      />
      {file !== undefined && 'faults' in file.reading && <Faults faults={file.reading.faults} />}
      {others.length > 0 && (
        <FieldGroup title={t('file.others', { count: others.length, formatted: formatCount(others.length) })}>
          <ul className={styles.items}>
            {others.map((item) => (
              <ImportRow
                key={item.path}
                item={item}
                isChosen={!left.has(item.path)}
                isFixed={isBusy || results.get(item.path)?.kind === 'saved'}
                result={results.get(item.path)}
                lineAt={lineIn(file)}
                onChoose={(isWanted) => choose(item.path, isWanted)}
              />
            ))}
          </ul>
          {needsReason && (
            <TextField
              label={t('file.reason')}
              hint={t('file.reasonHint')}
              fault={tries > 0 && isMissing ? t('fault.needed') : undefined}
              most={500}
              value={reason}
              onChange={setReason}
            />
          )}
        </FieldGroup>
      )}
      {file !== undefined && !('faults' in file.reading) && <Same plan={file.plan} />}
    </EditorFrame>
  )
}

function Chooser({ taking, onChosen }: { readonly taking: Import; readonly onChosen: () => void }): ReactElement {
  const { t } = useTranslation('alerts')
  const { problem, isBusy, file } = taking
  return (
    <>
      <Field
        label={t('file.choose')}
        hint={t('file.chooseHint')}
        fault={problem === 'tooLarge' ? t('file.tooLarge') : undefined}
      >
        {(control) => (
          <input
            {...control}
            className={styles.file}
            type="file"
            accept=".json,application/json"
            disabled={isBusy}
            onChange={({ currentTarget }) => {
              const [chosen] = currentTarget.files ?? []
              onChosen()
              if (chosen !== undefined) void taking.read(chosen)
            }}
          />
        )}
      </Field>
      {problem !== undefined && problem !== 'tooLarge' && <ActProblem error={problem} />}
      {isBusy && file === undefined && <p role="status">{t('file.reading')}</p>}
    </>
  )
}

function Faults({ faults }: { readonly faults: readonly FileFault[] }): ReactElement {
  const { t } = useTranslation('alerts')
  return (
    <div role="alert">
      <p className={form.error}>{t('file.unread')}</p>
      <ul className={styles.faults}>
        {faults.slice(0, faultsShown).map(({ code, line, id = '' }) => (
          <li key={`${line} ${code} ${id}`}>
            {t('json.fault', { line: formatCount(line), message: t(`file.faults.${code}`, { id }) })}
          </li>
        ))}
      </ul>
    </div>
  )
}

function Same({ plan }: { readonly plan: readonly PlannedItem[] }): ReactElement {
  const { t } = useTranslation('alerts')
  const same = plan.filter(({ change }) => change === 'same')
  if (plan.length === 0) return <p role="status">{t('file.nothing')}</p>
  const said = t('file.same', { count: same.length, formatted: formatCount(same.length) })
  if (same.length === 0) return <p className={form.note}>{said}</p>
  return (
    <details className={styles.same} open={same.length === plan.length}>
      <summary>{said}</summary>
      <ul className={styles.faults}>
        {same.map(({ path, name }) => (
          <li key={path}>
            <bdi>{name}</bdi>
          </li>
        ))}
      </ul>
    </details>
  )
}

function lineIn(file: ReadFile | undefined): (path: string) => number {
  return file === undefined || 'faults' in file.reading ? () => 1 : file.reading.lineAt
}
