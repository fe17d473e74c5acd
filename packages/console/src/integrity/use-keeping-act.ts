/** Something done about what is kept: shown as done only when the server has answered, then everything is read anew. */
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useTranslation } from 'react-i18next'
import type { IntegrityApi } from '../api/integrity-api.ts'
import { type ApiError, asApiError } from '../api/problem.ts'
import { useRoom } from '../app/witness-room.tsx'
import { useIntegrityApi } from '../shared/use-tracker-status.ts'

export interface KeepingAct {
  readonly act: () => void
  readonly isBusy: boolean
  readonly error: ApiError | undefined
  /** The error in words, with what can be done. */
  readonly problem: string | undefined
  readonly reset: () => void
}

const coded = [
  'SECOND_PERSON_REQUIRED',
  'PEOPLE_ONLY',
  'PROPOSAL_CLOSED',
  'PROPOSAL_OUTDATED',
  'PROPOSER_WITHOUT_RIGHT',
  'TWO_PEOPLE_REQUIRED',
  'ONE_PERSON_ENOUGH',
  'HOLD_OPEN',
  'ALREADY_EXISTS',
] as const

export function useKeepingAct(run: (api: IntegrityApi) => Promise<unknown>, onDone: () => void): KeepingAct {
  const { t } = useTranslation('integrity')
  const { tracker } = useRoom()
  const api = useIntegrityApi(tracker.location)
  const queries = useQueryClient()
  const { mutate, isPending, error, reset } = useMutation({
    mutationFn: () => run(api),
    networkMode: 'always',
    onSuccess: async () => {
      void queries.invalidateQueries({ queryKey: ['tracker-status', tracker.location] })
      await queries.invalidateQueries({ queryKey: ['keeping', tracker.location] })
      onDone()
    },
  })
  const known = error === null ? undefined : asApiError(error)
  return {
    act: () => mutate(),
    isBusy: isPending,
    error: known,
    problem: known === undefined ? undefined : words(known),
    reset,
  }

  function words({ code, kind, message }: ApiError): string {
    const own = coded.find((each) => each === code)
    if (own !== undefined) return t(`problem.${own}`)
    if (kind === 'forbidden') return t('problem.forbidden')
    if (kind === 'network') return t('problem.offline')
    return t('problem.other', { message, code })
  }
}
