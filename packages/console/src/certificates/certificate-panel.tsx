/** One certificate in force: what it says, whose it is, and the commands that change it. */
import { Button } from '@mantine/core'
import type { ReactElement } from 'react'
import { useTranslation } from 'react-i18next'
import type { AcceptedCertificate } from '../api/certificates-api.ts'
import { DownloadIcon } from '../app/icons.tsx'
import { PanelFact, PanelName, PanelSection, SidePanel } from '../app/side-panel.tsx'
import { CommandLine } from '../shared/command-line.tsx'
import { downloadText, fileNamePart } from '../shared/download.ts'
import { EndLabel } from '../shared/end-label.tsx'
import { Fingerprint } from '../shared/fingerprint.tsx'
import { Moment } from '../shared/moment.tsx'
import { TrailLink } from '../shared/trail-link.tsx'
import { Who } from '../shared/who.tsx'
import { certCommand, shellSafe } from './commands.ts'
import styles from './certificates.module.css'

interface CertificatePanelProps {
  readonly guid: string
  readonly certificate: AcceptedCertificate
  readonly onClose: () => void
}

export function CertificatePanel({ guid, certificate: shown, onClose }: CertificatePanelProps): ReactElement {
  const { t } = useTranslation('certificates')
  const { certId, administrator, frozen, fingerprint, certificate } = shown
  const id = shellSafe(certId, '<id>')
  return (
    <SidePanel label={certId} heading={t('certificate')} closeLabel={t('close')} onClose={onClose}>
      <div className={styles.panel}>
        <PanelName name={certId} />
        <PanelSection title={t('facts')}>
          <dl>
            <PanelFact name={t('administrator')}>
              <Who id={administrator.id} name={administrator.name ?? undefined} withId />
            </PanelFact>
            <PanelFact name={t('subject')}>{shown.subject}</PanelFact>
            <PanelFact name={t('issuer')}>{shown.issuer === shown.subject ? t('itself') : shown.issuer}</PanelFact>
            <PanelFact name={t('begins')}>
              <Moment at={shown.notBefore} />
            </PanelFact>
            <PanelFact name={t('ends')}>
              <EndLabel at={shown.notAfter} />
            </PanelFact>
            <PanelFact name={t('fingerprint')}>
              <Fingerprint hex={fingerprint} />
            </PanelFact>
            <PanelFact name={t('serial')}>
              <code>{shown.serialNumber}</code>
            </PanelFact>
            <PanelFact name={t('set')}>
              <Moment at={shown.updatedAt} />
            </PanelFact>
          </dl>
          <div>
            <Button
              variant="default"
              leftSection={<DownloadIcon size={14} />}
              onClick={() => downloadText(`${fileNamePart(certId)}.pem`, certificate, 'application/x-pem-file')}
            >
              {t('download')}
            </Button>
          </div>
          <TrailLink words={fingerprint} />
        </PanelSection>
        <PanelSection title={t('change')}>
          {frozen ? (
            <p>{t('frozenOne')}</p>
          ) : (
            <>
              <p>{t('replaceText')}</p>
              <CommandLine command={certCommand(`set --cert-id ${id} --cert clients-ca.pem`, guid)} />
              <p>{t('deleteText')}</p>
              <CommandLine command={certCommand(`delete --cert-id ${id}`, guid)} />
              <p className={styles.note}>{t('signedText')}</p>
            </>
          )}
        </PanelSection>
      </div>
    </SidePanel>
  )
}
