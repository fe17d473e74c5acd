/** The panel beside a list: what it is of, what closes it, and sections. */
import type { ReactElement, ReactNode } from 'react'
import { useFocusBack } from '../shared/use-focus-back.ts'
import { CloseIcon } from './icons.tsx'
import styles from './side-panel.module.css'

interface SidePanelProps {
  /** What it is of, for those who do not see it beside the list. */
  readonly label: string
  /** Above it; the label when not given. */
  readonly heading?: ReactNode
  readonly closeLabel: string
  readonly onClose: () => void
  /** Beside the button that closes it. */
  readonly tools?: ReactNode
  readonly children: ReactNode
}

export function SidePanel({
  label,
  heading = label,
  closeLabel,
  onClose,
  tools,
  children,
}: SidePanelProps): ReactElement {
  const panel = useFocusBack<HTMLElement>(false)
  return (
    <aside ref={panel} className={styles.panel} aria-label={label}>
      <header className={styles.head}>
        <p className={styles.heading}>{heading}</p>
        {tools}
        <PanelTool label={closeLabel} onClick={onClose}>
          <CloseIcon />
        </PanelTool>
      </header>
      {children}
    </aside>
  )
}

export function PanelTool(props: {
  readonly label: string
  readonly isOff?: boolean
  readonly onClick: () => void
  readonly children: ReactNode
}): ReactElement {
  const { label, isOff = false, onClick, children } = props
  return (
    <button type="button" className={styles.tool} disabled={isOff} onClick={onClick} aria-label={label} title={label}>
      {children}
    </button>
  )
}

/** The name of what is open, at the top of the panel. */
export function PanelName({ name }: { readonly name: string }): ReactElement {
  return (
    <h2 className={styles.name}>
      <bdi>{name}</bdi>
    </h2>
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
