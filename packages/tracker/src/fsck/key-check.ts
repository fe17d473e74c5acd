/** Checks the files of the key folder: what each holds is what its writer wrote, to the byte. */
import { keyAnnouncementIn } from '@keywitness/cadf'
import { parseVerifierKey } from '@keywitness/tlog'
import { privateKeyFault, publicFile, readVerifierKey } from '../checkpoint-key.ts'
import { readEnd } from '../end.ts'
import { TrackerError } from '../errors.ts'
import type { LogKey } from '../key-api.ts'
import { readNextKey, registerFault } from '../key-register.ts'
import type { Findings } from './findings.ts'

/** Checks the private halves of the keys that sign, the public half, the register and the key that waits. */
export function checkKeyFolder(keyFolder: string, keys: readonly LogKey[], findings: Findings): void {
  const bad = (message: string): void => findings.add({ kind: 'bad-key', message })
  const surviving = (work: () => string | undefined): void => {
    try {
      const fault = work()
      if (fault !== undefined) bad(fault)
    } catch (error) {
      if (!(error instanceof TrackerError)) throw error
      bad(error.message)
    }
  }
  // Of a log that has ended nobody can sign any more.
  const signing = readEnd(keyFolder) === undefined ? keys.filter(({ until }) => until === undefined) : []
  for (const { vkey } of signing) surviving(() => privateKeyFault(keyFolder, vkey))
  const current = keys.at(-1)!.vkey
  surviving(() =>
    readVerifierKey(keyFolder) === current ? undefined : `${publicFile} in ${keyFolder} does not hold the current key`,
  )
  surviving(() => registerFault(keyFolder))
  surviving(() => {
    const next = readNextKey(keyFolder)
    return next === undefined || parseVerifierKey(next).name === parseVerifierKey(current).name
      ? undefined
      : `the key that waits in ${keyFolder} is of another log`
  })
}

/** Each key of the register but the first must have been announced by the entry that the register names. */
export class AnnouncementCheck {
  readonly #found = new Map<number, { readonly key: string; readonly previousKey: string }>()

  /** Adds the next entry. */
  add(index: number, bytes: Uint8Array): void {
    const announced = keyAnnouncementIn(bytes)
    if (announced !== undefined) this.#found.set(index, announced)
  }

  report(keys: readonly LogKey[], findings: Findings): void {
    for (const [place, { vkey, from, announced }] of keys.entries()) {
      if (place === 0) continue
      const said = announced === undefined ? undefined : this.#found.get(announced)
      const isRight =
        said?.key === vkey && said.previousKey === keys[place - 1]!.vkey && from.size === (announced ?? 0) + 1
      if (isRight) continue
      findings.add({
        kind: 'bad-key',
        message: `the register of keys says that entry ${announced ?? '(none)'} announced ${vkey}; it did not`,
        ...(announced === undefined ? {} : { index: announced }),
      })
    }
  }
}
