/** GenerateKey: secret keys, and the domain parameters of DSA and DH, which are no keys and go out in the clear. */
import { bitsOf } from '../attribute-rules.ts'
import { keyTypes } from '../attributes.ts'
import { demandMechanism, mechanismInvalid, sealNew, tellKey, type Call } from '../call.ts'
import type { CallAnswer, CallRequest, Template } from '../calls.ts'
import { generateDhParameters } from '../dh/domain.ts'
import { generateDsaParameters } from '../dsa/domain.ts'
import { Ep11Error } from '../ep11-error.ts'
import type { MechanismName } from '../mechanisms.ts'
import { mechanisms } from '../mechanisms.ts'
import { demandNoParameter } from '../parameter-rules.ts'
import { checkSum, drawSecret, isSecretLength, onlyLength } from '../secret-key.ts'
import { countOf, demanded } from '../template.ts'

const keyTypesByMechanism: Partial<Record<MechanismName, number>> = {
  CKM_AES_KEY_GEN: keyTypes.CKK_AES,
  CKM_DES2_KEY_GEN: keyTypes.CKK_DES2,
  CKM_DES3_KEY_GEN: keyTypes.CKK_DES3,
  CKM_GENERIC_SECRET_KEY_GEN: keyTypes.CKK_GENERIC_SECRET,
}

type Answer = CallAnswer<'GenerateKey'>

export function generateKey({ mechanism, template }: CallRequest<'GenerateKey'>, call: Call): Answer | Promise<Answer> {
  const name = demandMechanism(call, mechanism, 'GENERATE')
  demandNoParameter(mechanism.parameter)
  const keyType = keyTypesByMechanism[name]
  if (keyType !== undefined) return secretKey(keyType, mechanisms[name].value, template, call)
  switch (name) {
    case 'CKM_DSA_PARAMETER_GEN':
      return domainParameters(call, template, 'CKK_DSA', generateDsaParameters)
    case 'CKM_DH_PKCS_PARAMETER_GEN':
      return domainParameters(call, template, 'CKK_DH', generateDhParameters)
    default:
      throw mechanismInvalid()
  }
}

function secretKey(keyType: number, generatedBy: number, template: Template, call: Call): Answer {
  const bytes = onlyLength(keyType) ?? demanded(countOf(template, 'CKA_VALUE_LEN'), 'CKA_VALUE_LEN')
  const bits = bitsOf(template, 'secret', keyType, 'generated')
  const facts = { keyType, size: bytes * 8, curve: '', bits }
  tellKey(call, facts)
  if (!isSecretLength(keyType, bytes)) {
    throw new Ep11Error('CKR_ATTRIBUTE_VALUE_INVALID', 'No key of this type has so many bytes as CKA_VALUE_LEN says.')
  }
  const value = drawSecret(keyType, bytes)
  try {
    const key = sealNew(call, { class: 'secret', ...facts, generatedBy, value })
    return { key, checkSum: checkSum({ keyType, value }) }
  } finally {
    value.fill(0)
  }
}

async function domainParameters(
  call: Call,
  template: Template,
  keyType: keyof typeof keyTypes,
  generate: (primeBits: number, subprimeBits?: number) => Promise<Buffer>,
): Promise<Answer> {
  const primeBits = demanded(countOf(template, 'CKA_PRIME_BITS'), 'CKA_PRIME_BITS')
  const subprimeBits = countOf(template, 'CKA_SUBPRIME_BITS')
  call.facts.request.keyType = keyType
  call.facts.request.keySize = primeBits
  const key = await call.holdings.generations.run(call.instance, () => generate(primeBits, subprimeBits))
  return { key, checkSum: Buffer.alloc(0) }
}
