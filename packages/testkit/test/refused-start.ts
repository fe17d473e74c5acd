/** A start that must fail, and says how. */
import { expect } from 'vitest'
import { StartFailed, startProduct } from '../src/index.ts'

export async function refusedStart(data: string, env: Record<string, string> = {}): Promise<StartFailed> {
  const started = startProduct({ data, env }).then(async (product) => {
    await product.kill()
    throw new Error('it started')
  })
  const error = await started.catch((thrown: unknown) => thrown)
  expect(error).toBeInstanceOf(StartFailed)
  return error as StartFailed
}
