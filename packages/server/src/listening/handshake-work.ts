/** How much the handshakes of the listeners that ask for a certificate may ask of the thread that serves everybody. */
import { limits } from '../limits.ts'
import type { HandshakeWork } from './handshake-turns.ts'

export const handshakeWork: HandshakeWork = {
  bytes: limits.handshakeBytes,
  freeMs: limits.handshakeFreeMs,
  msPerSecond: limits.handshakeMsPerSecond,
  msBurst: limits.handshakeMsBurst,
  msPerTurn: limits.handshakeMsPerTurn,
}
