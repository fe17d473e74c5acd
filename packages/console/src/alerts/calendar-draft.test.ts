/** A calendar as it is typed. */
import { expect, test } from 'vitest'
import { calendarDraft, calendarOf } from './calendar-draft.ts'

const calendar = {
  id: 'working-hours',
  name: 'Working hours',
  zone: 'Europe/Berlin',
  hours: { '1': [['08:00', '12:00'] as const, ['13:00', '24:00'] as const], '6': [['09:00', '10:00'] as const] },
  holidays: ['2026-12-25', '2027-01-01'],
}

test('a calendar is the same after it was shown', () => {
  expect(calendarOf(calendarDraft(calendar, 'UTC'))).toEqual({ calendar })
})

test('a new one begins with Monday to Friday in the zone of whoever makes it', () => {
  const draft = { ...calendarDraft(undefined, 'Asia/Tokyo'), id: 'c', name: 'C' }
  const made = calendarOf(draft)
  expect(made).toMatchObject({ calendar: { zone: 'Asia/Tokyo', hours: { '1': [['08:00', '18:00']] }, holidays: [] } })
  expect(Object.keys('calendar' in made ? made.calendar.hours : {})).toEqual(['1', '2', '3', '4', '5'])
})

test('hours and days are taken as people write them', () => {
  const draft = calendarDraft({ ...calendar, hours: {}, holidays: [] }, 'UTC')
  const typed = {
    ...draft,
    hours: { ...draft.hours, '2': '8:00 – 9:30; 10:00-11:00' },
    holidays: '2026-12-25, 2026-12-25',
  }
  expect(calendarOf(typed)).toMatchObject({
    calendar: {
      hours: {
        '2': [
          ['08:00', '09:30'],
          ['10:00', '11:00'],
        ],
      },
      holidays: ['2026-12-25'],
    },
  })
})

test('what is wrong is named by its place', () => {
  const draft = calendarDraft(calendar, 'UTC')
  const typed = {
    ...draft,
    id: 'A',
    name: ' ',
    zone: '+01:00',
    hours: {
      ...draft.hours,
      '1': '18:00-08:00',
      '2': 'all day',
      '3': '1:00-2:00,3:00-4:00,5:00-6:00,7:00-8:00,9:00-9:30',
    },
    holidays: '2026-02-30',
  }
  const made = calendarOf(typed)
  expect('faults' in made ? Object.fromEntries(made.faults) : {}).toEqual({
    id: 'id',
    name: 'needed',
    zone: 'zone',
    'hours.1': 'order',
    'hours.2': 'hours',
    'hours.3': 'tooMany',
    holidays: 'holidays',
  })
})
