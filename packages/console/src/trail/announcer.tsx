/** Says politely how many events came, at a limited rate, so that a screen reader is informed and not flooded. */
import { type ReactElement, useEffect, useRef, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { formatCount } from '../i18n/texts.ts'
import type { SeverityCounts } from './feed.ts'
import { severityWords } from './severity-words.ts'

/** Pause between two announcements. */
const pauseMs = 10_000

interface AnnouncerProps {
  /** Events that came since the list began. */
  readonly arrived: number
  /** Of them, those held back. */
  readonly held: number
  readonly heldBy: SeverityCounts
}

export function Announcer({ arrived, held, heldBy }: AnnouncerProps): ReactElement {
  const { t } = useTranslation()
  const [text, setText] = useState('')
  const said = useRef({ arrived: 0, at: 0 })

  useEffect(() => {
    const fresh = arrived - said.current.arrived
    if (fresh < 0) said.current = { arrived, at: said.current.at }
    if (fresh <= 0) return
    const wait = Math.max(0, said.current.at + pauseMs - Date.now())
    const timer = setTimeout(() => {
      said.current = { arrived, at: Date.now() }
      const key = held > 0 ? 'trail.announce.held' : 'trail.announce.shown'
      const words = severityWords(heldBy, t)
      setText(t(key, { count: fresh, formatted: formatCount(fresh) }) + (words === '' ? '' : `: ${words}`))
    }, wait)
    return () => clearTimeout(timer)
  }, [arrived, held, heldBy, t])

  return (
    <p className="kw-hidden" role="status" aria-live="polite">
      {text}
    </p>
  )
}
