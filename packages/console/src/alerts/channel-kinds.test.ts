/** Settings of channels as a form has them. */
import { expect, test } from 'vitest'
import { settingsAsked, settingsIn, settingTexts } from './channel-kinds.ts'

test('settings are the same after they were shown, and what is empty is left out', () => {
  const email = {
    to: ['a@example.com', 'b@example.com'],
    from: 'k@example.com',
    host: 'mail',
    port: 25,
    security: 'none',
  }
  expect(settingsIn('email', settingTexts('email', email))).toEqual(email)
  expect(settingsIn('webhook', settingTexts('webhook', { url: 'https://x.example/' }))).toEqual({
    url: 'https://x.example/',
  })
  expect(settingsIn('slack', settingTexts('slack', {}))).toEqual({})
})

test('when a digest comes is asked for, and sent, only where there is one', () => {
  const texts = { digest: '', digestAt: '07:30', zone: 'Europe/Berlin' }
  const asked = (digest: string): string[] => settingsAsked('email', { ...texts, digest }).map(({ name }) => name)
  expect(asked('')).not.toContain('digestAt')
  expect(asked('daily')).toEqual(expect.arrayContaining(['digestAt', 'zone']))
  expect(settingsIn('email', texts)).toEqual({})
  expect(settingsIn('email', { ...texts, digest: 'daily' })).toEqual({ ...texts, digest: 'daily' })
})

test('a new channel begins with what is usual', () => {
  expect(settingsIn('email', settingTexts('email', undefined))).toEqual({ port: 587, security: 'starttls' })
  expect(settingsIn('syslog', settingTexts('syslog', undefined))).toEqual({ port: 6514, facility: 'local0' })
})

test('addresses stand apart by commas, semicolons or lines; a port that is none goes as it is, and is refused', () => {
  const texts = { to: 'a@x.example; b@x.example,\nc@x.example', port: 'smtp' }
  expect(settingsIn('email', texts)).toEqual({ to: ['a@x.example', 'b@x.example', 'c@x.example'], port: 'smtp' })
})
