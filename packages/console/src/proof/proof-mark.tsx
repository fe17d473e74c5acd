/** The mark of a row: recorded, covered by a signed checkpoint, proven in this browser. Shape, colour and word. */
import type { ReactElement } from 'react'
import { useTranslation } from 'react-i18next'
import { BrokenMark, CoveredMark, ProvenMark, RecordedMark } from '../app/icons.tsx'
import styles from './proof-mark.module.css'

export type ProofStage = 'recorded' | 'covered' | 'proven' | 'broken'

const marks = { recorded: RecordedMark, covered: CoveredMark, proven: ProvenMark, broken: BrokenMark }

export function ProofMark({ stage }: { readonly stage: ProofStage }): ReactElement {
  const { t } = useTranslation()
  const Mark = marks[stage]
  return (
    <span className={styles.mark} data-stage={stage} title={t(`proof.stageHelp.${stage}`)}>
      <Mark size={14} />
      <span className={styles.word}>{t(`proof.stage.${stage}`)}</span>
    </span>
  )
}
