/** Somebody else changed the rule meanwhile: what differs between theirs and what is typed here, and the two ways on. */
import { Button } from '@mantine/core'
import type { ReactElement } from 'react'
import { useTranslation } from 'react-i18next'
import type { RuleView } from '../api/alert-types.ts'
import { formatCount } from '../i18n/texts.ts'
import { Moment } from '../shared/moment.tsx'
import { Notice } from '../shared/notice.tsx'
import { Sentence } from '../shared/sentence.tsx'
import { DifferenceTable } from './difference-table.tsx'
import { differencesOf } from './rule-difference.ts'
import styles from './editor.module.css'

interface ConflictNoteProps {
  readonly mine: object
  readonly theirs: RuleView
  readonly onTake: () => void
  readonly onOverwrite: () => void
}

export function ConflictNote({ mine, theirs, onTake, onOverwrite }: ConflictNoteProps): ReactElement {
  const { t } = useTranslation('alerts')
  const { version, changedAt, changedBy } = theirs
  return (
    <Notice tone="critical" title={t('conflict.title')}>
      <p>
        <Sentence
          parts={{ name: <bdi>{changedBy.name}</bdi>, time: <Moment at={changedAt} /> }}
          say={(places) => t('conflict.text', { version: formatCount(version), ...places })}
        />
      </p>
      <DifferenceTable
        differences={differencesOf(theirs.rule, mine)}
        before={t('conflict.theirs')}
        after={t('conflict.mine')}
      />
      <div className={styles.buttons}>
        <Button variant="default" onClick={onTake}>
          {t('conflict.take')}
        </Button>
        <Button variant="default" onClick={onOverwrite}>
          {t('conflict.overwrite')}
        </Button>
      </div>
    </Notice>
  )
}
