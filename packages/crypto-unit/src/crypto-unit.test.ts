/** The unit as a whole: when it works, what is in force, and that every request has exactly one answer. */
import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { putIdentity, type UnitIdentity } from './messages.ts'
import { operations, type Status } from './protocol.ts'
import {
  INSTANCE,
  InProcessUnit,
  identities,
  newAdministrator,
  putName,
  testParts,
  workingUnit,
  type TestName,
} from './testing/in-process-unit.ts'

const [first, second, recovery] = identities as [UnitIdentity, UnitIdentity, UnitIdentity]
const name: TestName = { instance: INSTANCE, kind: 'root-key', id: 'key-1' }
const administrators = [newAdministrator('one'), newAdministrator('two')]
const otherParts = [Buffer.alloc(32, 1), Buffer.alloc(32, 2)]

function patternOf(unit: InProcessUnit, identity: UnitIdentity): string {
  return unit.report(identity).currentRegister.pattern ?? ''
}

function generate(unit: InProcessUnit, instance = INSTANCE): { status: Status; text: string } {
  const { status, fields } = unit.call(operations.GENERATE, (request) => {
    putName(request, { ...name, instance })
    request.u32(32)
  })
  return { status, text: status === 'OK' ? '' : fields.text() }
}

test('nothing works before the master key in force is active in an operational unit; one is enough', () => {
  const unit = new InProcessUnit()
  expect(generate(unit)).toEqual({ status: 'NOT_READY', text: 'The instance has no crypto units.' })
  unit.adopt(unit.create(first))
  expect(generate(unit)).toEqual({ status: 'NOT_READY', text: 'No master key is active.' })
  unit.activate(recovery, administrators, testParts)
  unit.direct(INSTANCE, patternOf(unit, recovery))
  expect(generate(unit)).toEqual({ status: 'NOT_READY', text: 'No master key is active.' })
  unit.activate(second, administrators, testParts)
  expect(generate(unit)).toEqual({ status: 'OK', text: '' })
})

test('a unit that differs does not work, and does not stop those that hold the master key in force', () => {
  for (const different of [first, second]) {
    const unit = new InProcessUnit()
    for (const identity of identities) {
      unit.activate(identity, administrators, identity === different ? otherParts : testParts)
    }
    unit.direct(INSTANCE, patternOf(unit, recovery))
    expect(generate(unit)).toEqual({ status: 'OK', text: '' })
    unit.direct(INSTANCE, patternOf(unit, different))
    expect(generate(unit)).toEqual({ status: 'OK', text: '' })
    unit.direct(INSTANCE, 'ab'.repeat(32))
    expect(generate(unit).text).toBe('No crypto unit holds the master key of the instance.')
  }
})

test('a unit that is added and still empty does not stop the others', () => {
  const { unit } = workingUnit()
  unit.adopt(unit.create({ ...first, unit: 'unit-4', location: '[us-south].[AZ4].[01].[03]', serial: 'SOFT4001' }))
  expect(generate(unit).status).toBe('OK')
})

test('clearing the last current register stops the instance, and no cached key outlives it', () => {
  const { unit, administrators: installed } = workingUnit()
  const { fields } = unit.call(operations.GENERATE, (request) => {
    putName(request, name)
    request.u32(32)
  })
  const blob = Buffer.from(fields.bytesAll)
  const wrap = (): Status =>
    unit.call(operations.WRAP, (request) => {
      putName(request, name)
      request.bytes(blob)
      request.bytes(Buffer.alloc(0))
      request.u8(0)
    }).status
  expect(wrap()).toBe('OK')
  unit.carryOut(first, 'CLEAR_CURRENT', Buffer.alloc(0), installed)
  expect(wrap()).toBe('OK')
  unit.carryOut(second, 'CLEAR_CURRENT', Buffer.alloc(0), installed)
  expect(wrap()).toBe('NOT_READY')
  unit.loadAndActivate(first, installed, testParts)
  expect(wrap()).toBe('OK')
})

test('a failover unit stands by, and serves with the same master key once no operational unit holds it', () => {
  const { unit, administrators: installed } = workingUnit()
  const standby: UnitIdentity = {
    ...first,
    unit: 'unit-4',
    type: 'failover',
    location: '[us-east].[AZ4].[01].[03]',
    serial: 'SOFT4001',
  }
  unit.activate(standby, installed, testParts)
  const { fields } = unit.call(operations.GENERATE, (request) => {
    putName(request, name)
    request.u32(32)
  })
  const blob = Buffer.from(fields.bytesAll)
  const wrap = (): Status =>
    unit.call(operations.WRAP, (request) => {
      putName(request, name)
      request.bytes(blob)
      request.bytes(Buffer.alloc(0))
      request.u8(0)
    }).status
  for (const operational of [first, second]) unit.carryOut(operational, 'ZEROIZE', Buffer.alloc(0), installed)
  expect([wrap(), generate(unit).status]).toEqual(['OK', 'OK'])
  unit.carryOut(standby, 'CLEAR_CURRENT', Buffer.alloc(0), installed)
  expect([wrap(), generate(unit).status]).toEqual(['NOT_READY', 'NOT_READY'])
})

test('a failover unit that differs does not work while an operational unit does', () => {
  const { unit, administrators: installed } = workingUnit()
  const standby: UnitIdentity = { ...first, unit: 'unit-4', type: 'failover', location: '[us-east].[AZ4].[01].[03]' }
  unit.activate(standby, installed, otherParts)
  expect(generate(unit).status).toBe('OK')
  for (const operational of [first, second]) unit.carryOut(operational, 'ZEROIZE', Buffer.alloc(0), installed)
  expect(generate(unit).text).toBe('No crypto unit holds the master key of the instance.')
})

test('instances do not see each other', () => {
  const { unit } = workingUnit()
  expect(generate(unit, 'another').status).toBe('NOT_READY')
})

test('a returned state is not in force until it is adopted', () => {
  const unit = new InProcessUnit()
  unit.adopt(unit.create(first))
  const answer = unit.command(first, 'ADD_ADMINISTRATOR', (administrators[0] as (typeof administrators)[0]).certificate)
  expect(unit.report(first)).toMatchObject({ revision: 1, administrators: [] })
  unit.adopt((answer as { sealed: Buffer }).sealed)
  expect(unit.report(first)).toMatchObject({ revision: 2, administrators: [{ name: 'one' }] })
})

test('after a crash between return and adoption a new process starts from whichever state was committed', () => {
  const crashed = new InProcessUnit()
  const created = crashed.create(first)
  crashed.adopt(created)
  const { certificate } = administrators[0] as (typeof administrators)[0]
  const { sealed } = crashed.command(first, 'ADD_ADMINISTRATOR', certificate) as { sealed: Buffer }
  const beforeCommit = new InProcessUnit()
  expect(beforeCommit.adopt(created)).toBe('OK')
  expect(beforeCommit.report(first).administrators).toEqual([])
  const afterCommit = new InProcessUnit()
  expect(afterCommit.adopt(sealed)).toBe('OK')
  expect(afterCommit.report(first).administrators.length).toBe(1)
})

test('an older state is refused once a newer one is in force, the same one is taken again', () => {
  const unit = new InProcessUnit()
  const created = unit.create(first)
  unit.adopt(created)
  const { certificate } = administrators[0] as (typeof administrators)[0]
  const { sealed } = unit.command(first, 'ADD_ADMINISTRATOR', certificate) as { sealed: Buffer }
  expect([unit.adopt(sealed), unit.adopt(sealed), unit.adopt(created)]).toEqual(['OK', 'OK', 'STALE_STATE'])
})

test('of two next states made from one state only the first adopted is in force', () => {
  const unit = new InProcessUnit()
  unit.adopt(unit.create(first))
  const [a, b] = administrators.map(
    ({ certificate }) => unit.command(first, 'ADD_ADMINISTRATOR', certificate) as { sealed: Buffer },
  )
  unit.adopt((a as { sealed: Buffer }).sealed)
  unit.adopt((b as { sealed: Buffer }).sealed)
  expect(unit.report(first)).toMatchObject({ revision: 2, administrators: [{ name: 'one' }] })
})

test('a state sealed under another seal is refused', () => {
  const foreign = new InProcessUnit(Buffer.alloc(32, 9))
  expect(new InProcessUnit().adopt(foreign.create(first))).toBe('BROKEN_STATE')
})

test.each([{ location: '[a].[b].[c].[d]' }, { location: 'us-south' }, { serial: 'soft0001' }, { serial: 'SOFT' }])(
  'a unit with %o is not created',
  (changed) => {
    const { status } = new InProcessUnit().call(operations.CREATE, (request) =>
      putIdentity(request, { ...first, ...changed }),
    )
    expect(status).toBe('LIMIT')
  },
)

test('an unknown operation and a unit that does not exist are answered as errors', () => {
  const unit = new InProcessUnit()
  expect(unit.send(0xee, Buffer.alloc(0)).status).toBe('UNKNOWN_OPERATION')
  const { status } = unit.call(operations.REPORT, (request) => {
    request.text(INSTANCE)
    request.text('nobody')
  })
  expect(status).toBe('NOT_READY')
})

test('any payload of any operation has exactly one answer, and leaves the unit working', () => {
  const { unit } = workingUnit()
  const anyOperation = fc.constantFrom(...Object.values(operations))
  fc.assert(
    fc.property(anyOperation, fc.uint8Array({ maxLength: 400 }), (operation, payload) => {
      expect(unit.send(operation, Buffer.from(payload)).status).not.toBe('FAILED')
    }),
    { numRuns: 2_000 },
  )
  expect(generate(unit).status).toBe('OK')
})

test('requests altered in one byte are answered, never with a failure of the unit itself', () => {
  const { unit } = workingUnit()
  const { fields } = unit.call(operations.GENERATE, (request) => {
    putName(request, name)
    request.u32(32)
  })
  const blob = Buffer.from(fields.bytesAll)
  const statuses = new Set<Status>()
  for (let index = 0; index < blob.length + 60; index++) {
    const { status } = unit.call(operations.WRAP, (request) => {
      const room = Buffer.concat([
        Buffer.from([1, INSTANCE.length]),
        Buffer.from(INSTANCE),
        Buffer.from([5]),
        Buffer.from('key-1'),
      ])
      const whole = Buffer.concat([room, Buffer.from([0, 0, 0, blob.length]), blob, Buffer.from([0, 0, 0, 0, 0])])
      if (index < whole.length) whole[index] = (whole[index] ?? 0) ^ 0x81
      request.raw(whole)
    })
    statuses.add(status)
  }
  expect(statuses.has('FAILED')).toBe(false)
  expect(statuses.has('BROKEN_BLOB')).toBe(true)
})
