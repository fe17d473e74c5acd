/** Going to another place: the page and its view stay, what belongs to one place does not. */
import { expect, test } from 'vitest'
import { alertsKept, parseAlertsSearch } from '../alerts/search.ts'
import { integrityKept, parseIntegritySearch } from '../integrity/search.ts'
import { keysKept, parseKeysSearch } from '../keys/search.ts'
import { kmipKept, parseKmipSearch } from '../kmip/search.ts'
import { parseReportSearch, reportKept } from '../reports/search.ts'
import { parseTrailSearch, trailKept } from '../trail/search.ts'
import { parseUnitsSearch, unitsKept } from '../units/search.ts'
import { elsewhere } from './elsewhere.ts'

const id = '0199c5f2-0000-7000-8000-000000000001'
const day = 'T00:00:00Z'

test.each([
  [
    'keys',
    parseKeysSearch({ show: 'rings', state: 'active', ring: 'payments', use: 'true', key: id, view: 'life' }),
    keysKept,
    { show: 'rings', state: ['active'], use: true },
  ],
  ['kmip', parseKmipSearch({ view: 'vcenter', adapter: id, state: '2', object: id }), kmipKept, { view: 'vcenter' }],
  ['units', parseUnitsSearch({ view: 'transcript', unit: id, ceremony: 7 }), unitsKept, { view: 'transcript' }],
  [
    'trail',
    parseTrailSearch({ from: '-7d', action: 'a.b.c', words: 'billing', instance: id, key: id, event: 7, view: 'json' }),
    trailKept,
    { from: '-7d', action: ['a.b.c'], words: 'billing' },
  ],
  ['alerts', parseAlertsSearch({ view: 'rules', rule: 'mine', alert: id }), alertsKept, { view: 'rules' }],
  ['integrity', parseIntegritySearch({ view: 'checkpoints', checkpoint: 7 }), integrityKept, { view: 'checkpoints' }],
  [
    'reports',
    parseReportSearch({ from: `2026-01-01${day}`, to: `2026-04-01${day}`, size: 7 }),
    reportKept,
    { from: `2026-01-01${day}`, to: `2026-04-01${day}` },
  ],
])('of the address of %s stays what makes sense at another place', (page, search, kept, stays) => {
  expect(elsewhere(`/${page}/here`, { ...search }, kept, 'there')).toEqual({ to: `/${page}/there`, search: stays })
})

test('what comes after the place in the path stays, and a place cannot leave its segment', () => {
  const { to } = elsewhere('/reports/us-south/access-review', {}, [], 'a/../b')
  expect(to).toBe('/reports/a%2F..%2Fb/access-review')
})
