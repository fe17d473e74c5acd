/** Master key rotation walks every place where blobs under a master key stand. */
import { expect, test } from 'vitest'
import { protectedColumns } from '../store/protected-columns.ts'
import { walkedTables } from './wrapped-blobs.ts'

test('each table that holds material wrapped under a master key is walked', () => {
  const wrapped = protectedColumns.filter(({ protection }) => protection === 'wrapped').map(({ table }) => table)
  expect(walkedTables).toEqual(wrapped)
})
