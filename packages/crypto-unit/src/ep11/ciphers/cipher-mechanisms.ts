/** The cipher mechanisms: AES and triple DES in ECB, CBC and CBC with padding (reference grep11, sections 6, 9 and 10). */
import type { CipherMechanism, Direction } from '../mechanism-parts.ts'
import { mechanisms, type MechanismName } from '../mechanisms.ts'
import type { MechanismParameter } from '../parameter.ts'
import { demandNoParameter, vectorOf } from '../parameter-rules.ts'
import type { SecretKey } from '../usable-key.ts'
import { blockCipherOf, type BlockCipherFamily } from './block-cipher.ts'
import { RunningBlockCipher, runWhole, type CipherUse } from './running-cipher.ts'

type Mode = Pick<CipherUse, 'mode' | 'isPadded'>

const ecb: Mode = { mode: 'ecb', isPadded: false }
const cbc: Mode = { mode: 'cbc', isPadded: false }
const cbcPad: Mode = { mode: 'cbc', isPadded: true }

/** By CKM_ value. */
export const cipherMechanisms: ReadonlyMap<number, CipherMechanism> = new Map([
  entryOf('CKM_AES_ECB', 'AES', ecb),
  entryOf('CKM_AES_CBC', 'AES', cbc),
  entryOf('CKM_AES_CBC_PAD', 'AES', cbcPad),
  entryOf('CKM_DES3_ECB', 'DES3', ecb),
  entryOf('CKM_DES3_CBC', 'DES3', cbc),
  entryOf('CKM_DES3_CBC_PAD', 'DES3', cbcPad),
])

function entryOf(name: MechanismName, family: BlockCipherFamily, mode: Mode): [number, CipherMechanism] {
  const { value } = mechanisms[name]
  const useOf = (direction: Direction, key: SecretKey): CipherUse => ({
    ...mode,
    mechanism: value,
    direction,
    cipher: blockCipherOf(key, [family]),
  })
  return [
    value,
    {
      check: (key, parameter) => void vectorFor(useOf('encrypt', key), parameter),
      start(direction, key, parameter) {
        const use = useOf(direction, key)
        return new RunningBlockCipher(use, vectorFor(use, parameter))
      },
      restore: (direction, key, saved) => RunningBlockCipher.restore(useOf(direction, key), saved),
      run(direction, key, parameter, data) {
        const use = useOf(direction, key)
        return runWhole(use, vectorFor(use, parameter), data)
      },
    },
  ]
}

/** Empty of ECB. */
function vectorFor({ mode, cipher }: CipherUse, parameter: MechanismParameter): Buffer {
  if (mode === 'cbc') return vectorOf(parameter, cipher.blockBytes)
  demandNoParameter(parameter)
  return Buffer.alloc(0)
}
