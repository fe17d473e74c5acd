/** Takes in what a file of rules has: reads what is there to compare it with, then saves one after the other, each with its result. */
import { useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { type ApiError, asApiError } from '../api/problem.ts'
import { useApi } from '../app/session.tsx'
import { useRoom } from '../app/witness-room.tsx'
import { useAlerting } from './alerting-room.tsx'
import { type FileReading, planOf, type PlannedItem, readRulesFile } from './rules-file.ts'
import { useSetupApi } from './use-setup.ts'

/** What came of one: it may be written, and not turned on or off. */
export type SaveResult =
  | { readonly kind: 'saving' | 'saved' }
  | { readonly kind: 'refused'; readonly error: ApiError; readonly isWritten: boolean }

export interface ReadFile {
  readonly name: string
  readonly reading: FileReading
  readonly plan: readonly PlannedItem[]
}

/** No tracker keeps more in rules than this. */
const fileBytesMax = 16_000_000

export interface RulesImport {
  /** Undefined until one was chosen and read. */
  readonly file: ReadFile | undefined
  readonly problem: ApiError | 'tooLarge' | undefined
  /** By the path of an item. */
  readonly results: ReadonlyMap<string, SaveResult>
  readonly isBusy: boolean
  readonly read: (file: File) => Promise<void>
  /** @param reason why rules are turned on or off */
  readonly save: (items: readonly PlannedItem[], reason: string) => Promise<void>
}

export function useRulesImport(): RulesImport {
  const api = useApi()
  const setup = useSetupApi()
  const { tracker } = useRoom()
  const { refresh } = useAlerting()
  const queries = useQueryClient()
  const [file, setFile] = useState<ReadFile>()
  const [problem, setProblem] = useState<RulesImport['problem']>()
  const [results, setResults] = useState<RulesImport['results']>(new Map())
  const [isBusy, setIsBusy] = useState(false)
  const alerts = api.alerts(tracker.location)

  const read = async (chosen: File): Promise<void> => {
    setFile(undefined)
    setResults(new Map())
    setProblem(chosen.size > fileBytesMax ? 'tooLarge' : undefined)
    if (chosen.size > fileBytesMax) return
    setIsBusy(true)
    try {
      const reading = readRulesFile(await chosen.text())
      const [rules, calendars] = 'faults' in reading ? [[], []] : await Promise.all([alerts.rules(), setup.calendars()])
      setFile({ name: chosen.name, reading, plan: 'faults' in reading ? [] : planOf(reading.items, rules, calendars) })
    } catch (error) {
      setProblem(asApiError(error))
    }
    setIsBusy(false)
  }

  const saveOne = async (item: PlannedItem, reason: string): Promise<SaveResult> => {
    const { kind, change, differences, wanted, id, version, turns } = item
    let isWritten = false
    try {
      if (kind === 'calendar') await setup.putCalendar(wanted)
      else if (change === 'new') await setup.createRule(wanted)
      else if (differences.length > 0 || turns === undefined) await setup.changeRule(id, wanted, version ?? 0)
      isWritten = true
      if (turns !== undefined) await alerts.turnRule(id, turns === 'on', reason)
      return { kind: 'saved' }
    } catch (error) {
      return { kind: 'refused', error: asApiError(error), isWritten }
    }
  }

  const save = async (items: readonly PlannedItem[], reason: string): Promise<void> => {
    setIsBusy(true)
    for (const item of items) {
      const tell = (result: SaveResult): void => setResults((known) => new Map(known).set(item.path, result))
      tell({ kind: 'saving' })
      tell(await saveOne(item, reason))
    }
    refresh()
    await Promise.all(
      ['rules', 'calendars'].map((list) => queries.invalidateQueries({ queryKey: [list, tracker.location] })),
    )
    setIsBusy(false)
  }
  return { file, problem, results, isBusy, read, save }
}
