/** A page about one instance: its title, its views if it has more than one, and the choice among instances. */
import type { ReactElement, ReactNode } from 'react'
import { InstanceSwitch } from '../app/instance-switch.tsx'
import { usePlace } from '../app/place.tsx'
import { Page } from './page.tsx'

interface InstancePageProps {
  readonly title: string
  /** What is open, for the browser's tab; the instance when not given. */
  readonly of?: string | undefined
  /** The ways to its views. */
  readonly views?: ReactNode
  readonly panel?: ReactNode
  readonly children: ReactNode
}

export function InstancePage({ title, of, views, panel, children }: InstancePageProps): ReactElement {
  const { instance } = usePlace()
  return (
    <Page
      title={title}
      of={of ?? instance?.name}
      panel={panel}
      tools={
        <>
          {views}
          <InstanceSwitch />
        </>
      }
    >
      {children}
    </Page>
  )
}
