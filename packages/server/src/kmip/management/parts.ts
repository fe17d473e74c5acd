/** What the operations of KMIP management receive. */
import type { Clock } from '../../clock.ts'
import type { Access } from '../../iam/roles.ts'
import type { KeyRow } from '../../keys/key-row.ts'
import type { Turns } from '../../keys/turns.ts'
import type { ObjectStore } from '../objects/object-store.ts'
import type { KmipStore } from './store.ts'

export interface KmipParts {
  readonly kmip: KmipStore
  readonly objects: Pick<ObjectStore, 'find' | 'named'>
  /** A key of the instance by its id or one of its aliases. */
  readonly findKey: (instance: string, idOrAlias: string) => KeyRow | undefined
  readonly access: Pick<Access, 'requireInstance'>
  readonly clock: Pick<Clock, 'now'>
  /** What lists of objects take of the serving loop. */
  readonly turns: Pick<Turns, 'take'>
  /** Objects that one search looks at. */
  readonly searchSpace: number
  /** What was destroyed is to leave the rest of the data folder too. */
  readonly oweForgetting: () => void
  /** Name of the service as an initiator: of what dates brought before anybody wrote it down. */
  readonly serviceName: string
  /** Ends the connections of a client whose certificate was removed. */
  readonly dropClient: (fingerprint: string) => void
  /** Fresh random bytes, for ids and names. */
  readonly random: (bytes: number) => Uint8Array
}
