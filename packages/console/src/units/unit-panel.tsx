/** One crypto unit: who administers it, how many must sign, what is in its registers, and what it waits for. */
import type { ReactElement } from 'react'
import { useTranslation } from 'react-i18next'
import type { CryptoUnit, Register } from '../api/units-api.ts'
import { PanelFact, PanelName, PanelSection, SidePanel } from '../app/side-panel.tsx'
import { formatCount } from '../i18n/texts.ts'
import { TrailLink } from '../shared/trail-link.tsx'
import { isToExplain } from './next-steps.ts'
import { Pattern, UnitState } from './unit-labels.tsx'
import styles from './units.module.css'

export function UnitPanel({
  unit,
  onClose,
}: {
  readonly unit: CryptoUnit
  readonly onClose: () => void
}): ReactElement {
  const { t } = useTranslation('units')
  const { hsm_id, location, serial_number, state, version, type, administrators, masterKey, next } = unit
  return (
    <SidePanel label={location} heading={t('unit')} closeLabel={t('closeUnit')} onClose={onClose}>
      <div className={styles.panel}>
        <PanelName name={location} />
        <PanelSection title={t('stands')}>
          <UnitState state={state} />
          <p>{t(`stateTexts.${state}`)}</p>
        </PanelSection>
        <PanelSection title={t('next')}>
          {next === 'none' ? (
            <p>{isToExplain(unit) ? <strong>{t('findOut')}</strong> : t('steps.none.text')}</p>
          ) : (
            <>
              <p>
                <strong>{t(`steps.${next}.title`)}</strong>
              </p>
              <p>{t(`steps.${next}.text`)}</p>
            </>
          )}
        </PanelSection>
        <PanelSection
          title={t('people', { count: administrators.length, formatted: formatCount(administrators.length) })}
        >
          {administrators.length === 0 && <p>{t('nobody')}</p>}
          <ul className={styles.people}>
            {administrators.map(({ ski, name }) => (
              <li key={ski}>
                <span>{name ?? t('nameless')}</span>
                <code className={styles.ski}>{ski}</code>
              </li>
            ))}
          </ul>
        </PanelSection>
        <PanelSection title={t('howMany')}>
          <dl>
            <PanelFact name={t('signature')}>
              {t('ofPeople', { count: unit.signatureThreshold, of: administrators.length })}
            </PanelFact>
            <PanelFact name={t('revocation')}>
              {t('ofPeople', { count: unit.revocationThreshold, of: administrators.length })}
            </PanelFact>
          </dl>
        </PanelSection>
        <PanelSection title={t('registers')}>
          <dl>
            <RegisterFact name={t('currentRegister')} register={masterKey.current} />
            <RegisterFact name={t('newRegister')} register={masterKey.new} />
          </dl>
        </PanelSection>
        <PanelSection title={t('facts')}>
          <dl>
            <PanelFact name={t('type')}>
              {t(`types.${type}`)}: {t(`typeTexts.${type}`)}
            </PanelFact>
            <PanelFact name={t('id')}>
              <code>{hsm_id}</code>
            </PanelFact>
            <PanelFact name={t('serial')}>
              <code>{serial_number}</code>
            </PanelFact>
            <PanelFact name={t('revision')}>{formatCount(version)}</PanelFact>
          </dl>
          <TrailLink words={hsm_id} />
        </PanelSection>
      </div>
    </SidePanel>
  )
}

function RegisterFact({ name, register }: { readonly name: string; readonly register: Register }): ReactElement {
  const { t } = useTranslation('units')
  const { state, verificationPattern } = register
  return (
    <PanelFact name={name}>
      <span>{t(`registerStates.${state}`)}</span>
      {verificationPattern !== undefined && <Pattern pattern={verificationPattern} />}
    </PanelFact>
  )
}
