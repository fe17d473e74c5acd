/** The panel beside a list: what it is of, what closes it, and sections. */
import type { ReactElement, ReactNode } from 'react'
import { CloseIcon } from '../app/icons.tsx'
import styles from './side-panel.module.css'

interface SidePanelProps {
  readonly label: string
  readonly closeLabel: string
  readonly onClose: () => void
  /** Beside the button that closes it. */
  readonly tools?: ReactNode
  readonly children: ReactNode
}

export function SidePanel({ label, closeLabel, onClose, tools, children }: SidePanelProps): ReactElement {
  return (
    <aside className={styles.panel} aria-label={label}>
      <header className={styles.head}>
        <p className={styles.label}>{label}</p>
        {tools}
        <button type="button" className={styles.tool} onClick={onClose} aria-label={closeLabel} title={closeLabel}>
          <CloseIcon />
        </button>
      </header>
      {children}
    </aside>
  )
}

export function PanelSection({
  title,
  children,
}: {
  readonly title: string
  readonly children: ReactNode
}): ReactElement {
  return (
    <section className={styles.section}>
      <h3 className={styles.title}>{title}</h3>
      {children}
    </section>
  )
}

/** A name and a value of the panel; nothing for an absent value. */
export function PanelFact(props: { readonly name: string; readonly children: ReactNode }): ReactElement | null {
  const { name, children } = props
  if (children === undefined || children === '') return null
  return (
    <div className={styles.fact}>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  )
}
