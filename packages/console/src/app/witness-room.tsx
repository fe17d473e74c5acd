/** What all pages of one tracker share: the tracker, how far its log has grown, and the witness that watches it. */
import {
  type ReactElement,
  type ReactNode,
  createContext,
  useContext,
  useEffect,
  useMemo,
  useSyncExternalStore,
} from 'react'
import type { Tracker } from '../api/types.ts'
import type { PairProver } from '../proof/prove-pair.ts'
import { type Prover, type Timing, Witness, type WitnessState } from '../proof/witness.ts'
import { useSession } from './session.tsx'

export const ProverContext = createContext<(Prover & PairProver) | undefined>(undefined)

/** The browser's clock and timers. */
export const browserTiming: Timing = {
  now: () => Date.now(),
  after: (ms, run) => {
    const timer = setTimeout(run, ms)
    return () => clearTimeout(timer)
  },
}

export interface Growth {
  readonly size: number
  readonly covered: number
}

/** How far the log has grown, as the server told last. Only grows: news may come out of order. */
class GrowthStore {
  #growth: Growth
  readonly #listeners = new Set<() => void>()

  constructor(growth: Growth) {
    this.#growth = growth
  }

  readonly get = (): Growth => this.#growth

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  report(growth: Growth): void {
    const size = Math.max(this.#growth.size, growth.size, growth.covered)
    const covered = Math.max(this.#growth.covered, growth.covered)
    if (size === this.#growth.size && covered === this.#growth.covered) return
    this.#growth = { size, covered }
    for (const listener of this.#listeners) listener()
  }
}

interface Room {
  readonly tracker: Tracker
  readonly trackers: readonly Tracker[]
  readonly witness: Witness
  readonly prover: PairProver
  readonly growth: GrowthStore
}

const RoomContext = createContext<Room | undefined>(undefined)

interface RoomProps {
  readonly tracker: Tracker
  readonly trackers: readonly Tracker[]
  readonly children: ReactNode
}

/** Keyed by the tracker: another tracker is another room. */
export function WitnessRoom({ tracker, trackers, children }: RoomProps): ReactElement {
  const prover = useContext(ProverContext)
  const { account } = useSession()
  if (prover === undefined) throw new Error('used without a prover')
  const room = useMemo<Room>(() => {
    const { location, origin, size, covered } = tracker
    const witness = new Witness({ account, location, origin, store: localStorage, prover, timing: browserTiming })
    return { tracker, trackers, witness, prover, growth: new GrowthStore({ size, covered }) }
  }, [tracker, trackers, prover, account])

  useEffect(() => {
    const { witness, growth } = room
    const stopListening = growth.subscribe(() => witness.headMoved(growth.get().covered))
    const reload = (): void => witness.reload()
    window.addEventListener('storage', reload)
    witness.start()
    return () => {
      window.removeEventListener('storage', reload)
      stopListening()
      witness.stop()
    }
  }, [room])

  return <RoomContext value={room}>{children}</RoomContext>
}

export function useRoom(): Room {
  const room = useContext(RoomContext)
  if (room === undefined) throw new Error('used outside of a WitnessRoom')
  return room
}

export function useWitnessState(): WitnessState {
  const { witness } = useRoom()
  return useSyncExternalStore(
    (listener) => witness.subscribe(listener),
    () => witness.state,
  )
}

export function useGrowth(): Growth {
  const { growth } = useRoom()
  return useSyncExternalStore(growth.subscribe, growth.get)
}
