/** A page: its title and what belongs beside it, its list or text, and the panel of what is open in it. */
import { type ReactElement, type ReactNode, useEffect, useRef } from 'react'
import { useTranslation } from 'react-i18next'
import { ZoneButton } from '../app/zone-button.tsx'
import layout from '../app/list-page.module.css'
import styles from './page.module.css'

interface PageProps {
  readonly title: string
  /** What the title is of, in the browser's tab: a location, an instance. */
  readonly of?: string | undefined
  /** Beside the title: views of the page, a choice of instances, what can be done. */
  readonly tools?: ReactNode
  readonly panel?: ReactNode
  readonly children: ReactNode
}

export function Page({ title, of, tools, panel, children }: PageProps): ReactElement {
  const { t } = useTranslation()
  return (
    <div className={layout.page} data-panel={panel !== undefined || undefined}>
      <title>{of === undefined ? t('page.title', { title }) : t('page.titleOf', { title, of })}</title>
      <div className={layout.list}>
        <header className={styles.head}>
          <h1 className={styles.title}>{title}</h1>
          <div className={styles.tools}>{tools}</div>
          <ZoneButton />
        </header>
        {children}
      </div>
      {panel}
    </div>
  )
}

interface PageViewsProps<Name extends string> {
  /** What is chosen among, for those who do not see it. */
  readonly label: string
  readonly views: readonly { readonly name: Name; readonly text: string }[]
  readonly view: Name
  readonly onView: (view: Name) => void
}

/** The ways to the views of a page. */
export function PageViews<Name extends string>(props: PageViewsProps<Name>): ReactElement {
  const { label, views, view, onView } = props
  const nav = useRef<HTMLElement>(null)
  // Where there is no room for all, the one that is shown is never the one that is cut off.
  useEffect(() => {
    const bar = nav.current
    const shown = bar?.querySelector<HTMLElement>(`[data-view="${view}"]`)
    if (bar === null || shown === null || shown === undefined) return
    const observer = new ResizeObserver(() => {
      bar.scrollLeft = shown.offsetLeft - bar.offsetLeft - (bar.clientWidth - shown.offsetWidth) / 2
    })
    observer.observe(bar)
    return () => observer.disconnect()
  }, [view])
  return (
    <nav ref={nav} className={styles.views} aria-label={label}>
      {views.map(({ name, text }) => (
        <button
          key={name}
          type="button"
          className={styles.view}
          data-view={name}
          aria-current={name === view ? 'page' : undefined}
          onClick={() => onView(name)}
        >
          {text}
        </button>
      ))}
    </nav>
  )
}
