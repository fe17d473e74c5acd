/** The event as JSON, for those who want to see everything as it is. */
import type { ActivityEvent } from '@keywitness/cadf'
import { Button } from '@mantine/core'
import { type ReactElement, useMemo } from 'react'
import { useTranslation } from 'react-i18next'
import { DownloadIcon } from '../app/icons.tsx'
import { CopyButton } from '../shared/copy-button.tsx'
import { downloadText } from '../shared/download.ts'
import styles from './panel-json.module.css'

export function PanelJson({ event }: { readonly event: ActivityEvent }): ReactElement {
  const { t } = useTranslation()
  const text = useMemo(() => JSON.stringify(event, null, 2), [event])
  return (
    <div className={styles.json}>
      <div className={styles.tools}>
        <CopyButton text={text} label={t('copy.what', { what: t('panel.view.json') })} />
        <Button
          variant="subtle"
          leftSection={<DownloadIcon />}
          onClick={() => downloadText(`${event.id}.json`, text, 'application/json')}
        >
          {t('panel.downloadJson')}
        </Button>
      </div>
      <pre className={styles.text}>
        <code>
          {text.split('\n').map((line, i) => (
            <JsonLine key={i} line={line} />
          ))}
        </code>
      </pre>
    </div>
  )
}

/** One line of printed JSON: the member's name steps back, its value stands out. */
function JsonLine({ line }: { readonly line: string }): ReactElement {
  const match = /^(\s*)("(?:[^"\\]|\\.)*")(:\s?)(.*)$/.exec(line)
  if (match === null) return <>{`${line}\n`}</>
  return (
    <>
      {match[1]}
      <span className={styles.name}>{match[2]}</span>
      {match[3]}
      {match[4]}
      {'\n'}
    </>
  )
}
