/** Commands to copy. */
import { expect, test } from 'vitest'
import { certCommand, shellSafe } from './commands.ts'

test('nothing that a server says means something to the shell that a command is pasted into', () => {
  expect(certCommand('status', '0190a2b4-5f6a')).toBe('keywitness cert status --instance 0190a2b4-5f6a')
  expect(certCommand('status', '$(id)')).toBe('keywitness cert status --instance <guid>')
  expect([shellSafe('clients-2026', '<id>'), shellSafe('a;b', '<id>')]).toEqual(['clients-2026', '<id>'])
})
