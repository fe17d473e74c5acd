/** Trackers of other servers that keep the events of a place: what is stored of them. */
import type { Destination } from '../../audit.ts'
import type { Sealer } from '../../seal.ts'
import type { Change, Reader } from '../../store/store.ts'
import type { RemotePlace } from '../messages.ts'

interface RemoteRow extends Destination {
  readonly url: string
  readonly remote_location: string
  readonly ca: string | null
}

export interface RemoteTrackers {
  find(place: Destination): RemoteRow | undefined
  all(): RemotePlace[]
  /** With its key, to deliver to the log of that origin. */
  open(place: Destination & { readonly origin: string }): RemotePlace | undefined
  /** Beside the row in `trackers`. */
  insert(place: Omit<RemotePlace, 'origin'>): Change[]
  remove(place: Destination): Change[]
}

export function remoteTrackers(reader: Reader, sealer: Sealer): RemoteTrackers {
  const opened = (row: RemoteRow & { readonly origin: string }): RemotePlace => {
    const { account, location, origin, url, remote_location: remoteLocation, ca } = row
    const name = secretName({ account, location })
    const secret = reader.get<{ sealed: Uint8Array }>('SELECT sealed FROM secrets WHERE name = ?', name)
    if (secret === undefined) throw new Error(`there is no secret ${name}`)
    const apiKey = Buffer.from(sealer.open(name, secret.sealed)).toString('utf8')
    return { account, location, origin, url, remoteLocation, apiKey, ca: ca ?? undefined }
  }
  const find = ({ account, location }: Destination): RemoteRow | undefined =>
    reader.get<RemoteRow>('SELECT * FROM remote_trackers WHERE account = ? AND location = ?', account, location)
  return {
    find,
    open: (place) => {
      const row = find(place)
      return row === undefined ? undefined : opened({ ...row, origin: place.origin })
    },
    all: () =>
      reader
        .all<RemoteRow & { origin: string }>(
          'SELECT r.*, t.origin FROM remote_trackers r JOIN trackers t USING (account, location)',
        )
        .map(opened),
    insert: ({ account, location, url, remoteLocation, apiKey, ca }) => [
      {
        sql: 'INSERT INTO remote_trackers (account, location, url, remote_location, ca) VALUES (?, ?, ?, ?, ?)',
        params: [account, location, url, remoteLocation, ca ?? null],
        rows: 1,
      },
      {
        sql: 'INSERT INTO secrets (name, sealed) VALUES (?, ?)',
        params: [
          secretName({ account, location }),
          sealer.seal(secretName({ account, location }), Buffer.from(apiKey, 'utf8')),
        ],
        rows: 1,
      },
    ],
    remove: ({ account, location }) => [
      {
        sql: 'DELETE FROM remote_trackers WHERE account = ? AND location = ?',
        params: [account, location],
        rows: 1,
      },
      { sql: 'DELETE FROM secrets WHERE name = ?', params: [secretName({ account, location })], rows: 1 },
    ],
  }
}

function secretName({ account, location }: Destination): string {
  return `remote-tracker/${account}/${location}`
}
