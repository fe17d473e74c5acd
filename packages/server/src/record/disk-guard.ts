/** Watches the free space, so that a full disk is refused in time and its refusal can still be recorded. */
import type { Logger } from 'pino'
import { limits } from '../limits.ts'

export interface DiskGuard {
  /** False while there is less room than the floor: calls are refused with 507. */
  hasRoom(): boolean
  /** Free bytes at the last look. */
  free(): number
  stop(): void
}

export interface DiskGuardParts {
  readonly free: () => number
  /** Called once each time the room runs out or comes back. Its event uses the reserve below the floor. */
  readonly changed: (hasRoom: boolean) => void
  readonly log: Logger
  readonly everyMs?: number
}

/** Room must exceed the floor by this much before service goes on, so that it does not flicker. */
const recoveryFactor = 1.1

export function startDiskGuard(parts: DiskGuardParts): DiskGuard {
  let free = parts.free()
  let hasRoom = free >= limits.diskFloorBytes
  const look = (): void => {
    try {
      free = parts.free()
    } catch (error) {
      parts.log.error({ err: error }, 'the free space cannot be read')
      return
    }
    const isEnough = free >= (hasRoom ? limits.diskFloorBytes : limits.diskFloorBytes * recoveryFactor)
    if (isEnough === hasRoom) return
    hasRoom = isEnough
    parts.log[hasRoom ? 'info' : 'error'](
      { freeBytes: free },
      hasRoom ? 'there is room again' : 'no room left: calls are refused',
    )
    parts.changed(hasRoom)
  }
  const timer = setInterval(look, parts.everyMs ?? 1_000)
  timer.unref()
  return { hasRoom: () => hasRoom, free: () => free, stop: () => clearInterval(timer) }
}
