/** All that this browser knows of a log by itself: its name, its key, the last head it verified, and what that means. */
import { Button } from '@mantine/core'
import { type ReactElement, type ReactNode, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { DownloadIcon } from '../app/icons.tsx'
import { noAnswer } from '../api/problem.ts'
import { useGrowth, useRoom, useWitnessState } from '../app/witness-room.tsx'
import { formatCount } from '../i18n/texts.ts'
import { downloadText, fileNamePart } from '../shared/download.ts'
import { Fact } from '../shared/fact.tsx'
import { Moment } from '../shared/moment.tsx'
import { PrunedFact } from './pruned-fact.tsx'
import sheet from '../shared/sheet.module.css'

const tones = { waiting: 'plain', verified: 'good', unchecked: 'warning', alarm: 'critical' } as const

/** @param children where to go on from here, behind its buttons */
export function VerifiedHere({ children }: { readonly children: ReactNode }): ReactElement {
  const { t } = useTranslation()
  const { witness, tracker } = useRoom()
  const { phase, memory, problem } = useWitnessState()
  const { size, covered } = useGrowth()
  const [isChecking, setIsChecking] = useState(false)
  const head = memory?.head
  // While the log contradicts itself, what the server says stands beside what was verified, as it is.
  const known = phase === 'alarm' ? 0 : (head?.size ?? 0)
  const check = (): void => {
    setIsChecking(true)
    void witness.checkNow().finally(() => setIsChecking(false))
  }
  return (
    <>
      <p className={sheet.lead} data-tone={tones[phase]} role={phase === 'alarm' ? 'alert' : undefined}>
        {t(`log.lead.${phase === 'unchecked' && problem === noAnswer ? 'unreached' : phase}`, { problem })}
      </p>
      <dl className={sheet.facts}>
        <Fact name={t('log.origin')} copy={tracker.origin}>
          <code className={sheet.hash}>{tracker.origin}</code>
        </Fact>
        <Fact name={t('log.recorded')}>{formatCount(Math.max(size, covered, known))}</Fact>
        <Fact name={t('log.covered')}>{formatCount(Math.max(covered, known))}</Fact>
        {head !== undefined && (
          <>
            <Fact name={t('log.verified')}>
              {formatCount(head.size)} <Moment at={head.verifiedAt} />
            </Fact>
            <Fact name={t('log.root')} copy={head.root}>
              <code className={sheet.hash}>{head.root}</code>
            </Fact>
          </>
        )}
        {memory !== undefined && memory.key !== '' && (
          <>
            <Fact name={t('log.key')} copy={memory.key}>
              <code className={sheet.hash}>{memory.key}</code>
            </Fact>
            <Fact name={t('log.keySeen')}>
              <Moment at={memory.keySeenAt} />
            </Fact>
            <PrunedFact logKey={memory.key}>{(text) => <Fact name={t('log.pruned')}>{text}</Fact>}</PrunedFact>
          </>
        )}
      </dl>
      <p className={sheet.note}>{t('log.keyNote')}</p>
      <div className={sheet.actions}>
        <Button onClick={check} disabled={isChecking || phase === 'alarm'}>
          {isChecking ? t('log.checking') : t('log.check')}
        </Button>
        {head !== undefined && (
          <Button
            variant="default"
            leftSection={<DownloadIcon />}
            onClick={() => downloadText(`${fileNamePart(tracker.origin)}-${head.size}.checkpoint`, head.note)}
          >
            {t('log.download')}
          </Button>
        )}
        {children}
      </div>
    </>
  )
}
