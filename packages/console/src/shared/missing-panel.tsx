/** The panel where an address names what is not there. */
import type { ReactElement } from 'react'
import { SidePanel } from '../app/side-panel.tsx'
import { StateView } from '../app/state-view.tsx'

interface MissingPanelProps {
  /** What it would be of. */
  readonly heading: string
  readonly title: string
  readonly text: string
  readonly closeLabel: string
  readonly onClose: () => void
}

export function MissingPanel({ heading, title, text, closeLabel, onClose }: MissingPanelProps): ReactElement {
  return (
    <SidePanel label={heading} closeLabel={closeLabel} onClose={onClose}>
      <StateView kind="missing" title={title} text={text} />
    </SidePanel>
  )
}
