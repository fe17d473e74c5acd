/** Crypto units in words, for whoever speaks no binary protocol: people, thresholds, registers, and what comes next. Ours. */
import { type Static, Type } from 'typebox'
import { type RegisterReport, unitTypes } from '@keywitness/crypto-unit/messages'
import type { MasterKeys } from '../units/master-keys.ts'
import { nextStep, unitSteps } from '../units/next-step.ts'
import type { UnitView } from '../units/units.ts'
import { entryOf, UnitEntry } from './unit-entry.ts'

const registerStates = ['empty', 'uncommitted', 'committed', 'valid'] as const

const Register = Type.Object({
  state: Type.Enum([...registerStates], {
    description: 'The current register is empty or valid; the new one never valid.',
  }),
  verificationPattern: Type.Optional(Type.String({ description: '64 hex digits; left out for an empty register.' })),
})

const UnitState = Type.Object({
  ...UnitEntry.properties,
  type: Type.Enum([...unitTypes]),
  administrators: Type.Array(
    Type.Object({
      ski: Type.String({ description: 'Subject key identifier, 64 hex digits.' }),
      name: Type.Optional(Type.String({ description: 'What the certificate says; left out where it says none.' })),
    }),
  ),
  signatureThreshold: Type.Integer({ description: '0 in imprint mode.' }),
  revocationThreshold: Type.Integer({ description: '0 in imprint mode.' }),
  masterKey: Type.Object({ current: Register, new: Register }),
  next: Type.Enum([...unitSteps], { description: 'What the unit waits for; commands are signed elsewhere.' }),
})

export const UnitStates = Type.Object({
  units: Type.Array(UnitState),
  masterKeyInForce: Type.Optional(
    Type.String({ description: 'Verification pattern of the master key that the instance works with, 64 hex digits.' }),
  ),
})

/** @param units all of the instance, as the unit's process reports them now */
export function statesOf(
  units: readonly UnitView[],
  keys: Pick<MasterKeys, 'inForce' | 'rotation'>,
  instance: string,
): Static<typeof UnitStates> {
  const [inForce, rotation] = [keys.inForce(instance), keys.rotation(instance)]
  return {
    units: units.map((unit) => {
      const { report, standing } = unit
      return {
        ...entryOf(unit),
        type: report.type,
        administrators: report.administrators.map(({ ski, name }) => (name === '' ? { ski } : { ski, name })),
        signatureThreshold: report.signatureThreshold,
        revocationThreshold: report.revocationSignatureThreshold,
        masterKey: { current: registerOf(report.currentRegister), new: registerOf(report.newRegister) },
        next: nextStep(report, standing, inForce, rotation),
      }
    }),
    ...(inForce === undefined ? {} : { masterKeyInForce: inForce }),
  }
}

function registerOf({ state, pattern }: RegisterReport): Static<typeof Register> {
  return pattern === undefined ? { state } : { state, verificationPattern: pattern }
}
