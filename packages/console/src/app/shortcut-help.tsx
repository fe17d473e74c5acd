/** What the page at hand is for, and what its keys do. */
import { Modal } from '@mantine/core'
import { useRouterState } from '@tanstack/react-router'
import type { ReactElement } from 'react'
import { useTranslation } from 'react-i18next'
import texts from '../i18n/en/help.json'
import { addTexts } from '../i18n/texts.ts'
import { pageOf } from './pages.ts'
import { keyGroups, keyNames } from './shortcut-keys.ts'
import styles from './shortcut-help.module.css'

addTexts('help', texts)

interface ShortcutHelpProps {
  readonly isOpen: boolean
  readonly onClose: () => void
}

export function ShortcutHelp({ isOpen, onClose }: ShortcutHelpProps): ReactElement {
  const { t } = useTranslation()
  const { t: help } = useTranslation('help')
  const here = pageOf(useRouterState({ select: ({ location }) => location.pathname }))
  return (
    <Modal
      opened={isOpen}
      onClose={onClose}
      title={t('shortcuts.title')}
      closeButtonProps={{ 'aria-label': t('close') }}
      size="sm"
    >
      {here !== undefined && (
        <section className={styles.group}>
          <h3 className={styles.heading}>{t(`pages.${here.id}.name`)}</h3>
          <p>{help(`pages.${here.id}`)}</p>
        </section>
      )}
      {keyGroups.map((group) => (
        <section key={group.name} className={styles.group}>
          <h3 className={styles.heading}>{t(`shortcuts.groups.${group.name}`)}</h3>
          <dl className={styles.list}>
            {group.keys.map((key) => (
              <div key={key} className={styles.row}>
                <dt>{t(`shortcuts.keys.${key}`)}</dt>
                <dd>
                  {keyNames[key].map((name) => (
                    <kbd key={name} className={styles.key}>
                      {name}
                    </kbd>
                  ))}
                </dd>
              </div>
            ))}
          </dl>
        </section>
      ))}
    </Modal>
  )
}
