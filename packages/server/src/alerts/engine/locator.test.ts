/** A database of locations in the MaxMind format, made here from its specification: what is read of it, and what is not one. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { AlertSubject, Evaluation, type Condition } from '@keywitness/tracker/alerts'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { plainRule } from '../testing/alert-house.ts'
import { locationDatabase } from '../testing/location-database.ts'
import { checkLocationDatabase, locatorOf } from './locator.ts'

let folder: string
let file: string

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'keywitness-locations-'))
  file = join(folder, 'locations.mmdb')
  const berlin = { country: { iso_code: 'DE' }, location: { latitude: 52.52, longitude: 13.4 } }
  const sydney = { country: { iso_code: 'AU' }, location: { latitude: -33.87, longitude: 151.21 } }
  writeFileSync(
    file,
    locationDatabase([
      ['203.0.113.0', 24, { ...berlin, autonomous_system_number: 64_500 }],
      ['198.51.100.0', 24, sydney],
      ['192.0.2.0', 24, { country: 'FR', asn: 'AS64501' }],
    ]),
  )
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

test('an address is in its country and network, whichever of the usual forms the database has', () => {
  const locate = locatorOf(file)
  expect(locate('203.0.113.7')).toEqual({ country: 'DE', network: 'AS64500', latitude: 52.52, longitude: 13.4 })
  expect(locate('192.0.2.1')).toEqual({ country: 'FR', network: 'AS64501' })
  for (const address of ['10.0.0.1', '', 'somewhere', '2001:db8::1']) expect(locate(address)).toBeUndefined()
})

test('rules about countries and travel fire by it', () => {
  const locate = locatorOf(file)
  const entry = (index: number, address: string, hour: number): AlertSubject =>
    new AlertSubject(
      index,
      Buffer.from(
        JSON.stringify({
          event: {
            eventTime: `2026-03-01T${String(hour).padStart(2, '0')}:00:00.00+0000`,
            initiator: { id: 'ana', host: { address } },
          },
        }),
      ),
      0,
    )
  const firedAt = (when: Condition, subjects: readonly AlertSubject[]): number[] => {
    const evaluation = new Evaluation(plainRule({ when, groupBy: ['initiator.id'] }), { calendars: new Map(), locate })
    return subjects.flatMap((subject) => evaluation.see(subject)).map(({ trigger }) => trigger)
  }
  const journey = [entry(0, '203.0.113.7', 8), entry(1, '203.0.113.9', 9), entry(2, '198.51.100.1', 10)]
  expect(firedAt({ kind: 'travel', query: '', speed: 900, least: 100 }, journey)).toEqual([2])
  // Sixteen thousand kilometres in a day and a half are a flight.
  const flight = [entry(0, '203.0.113.7', 0), entry(1, '198.51.100.1', 23)]
  expect(firedAt({ kind: 'travel', query: '', speed: 900, least: 100 }, flight)).toEqual([])
  const abroad: Condition = { kind: 'new', query: '', fields: ['country'], remember: '30d', learn: '1h' }
  expect(firedAt(abroad, journey)).toEqual([2])
})

test('a file that is no such database ends the start with words', () => {
  const other = join(folder, 'other')
  writeFileSync(other, 'none')
  expect(() => checkLocationDatabase(file)).not.toThrow()
  expect(() => checkLocationDatabase(other)).toThrow('KEYWITNESS_LOCATION_DATABASE names a file that is no database')
})
