/** GenerateKeyPair: a blob of the private key and the public key object, of one of the types that have pairs. */
import { bitsOf } from '../attribute-rules.ts'
import { attributeTypes, keyTypes } from '../attributes.ts'
import { kindOf } from '../asymmetric-forms.ts'
import {
  demandMechanism,
  isControlPointOn,
  mechanismInvalid,
  newPublicObject,
  sealNew,
  tellKey,
  type Call,
} from '../call.ts'
import type { CallAnswer, CallRequest, Template } from '../calls.ts'
import { generateDh } from '../dh/generate.ts'
import { generateDsa } from '../dsa/generate.ts'
import { curveNotSupported, curveOfParameters, type Curve } from '../ec/curves.ts'
import { generateEc } from '../ec/ec-keys.ts'
import type { KeyPair } from '../key-pair.ts'
import { mechanisms, type MechanismName } from '../mechanisms.ts'
import { demandNoParameter } from '../parameter-rules.ts'
import { generateMlDsa } from '../pqc/ml-dsa.ts'
import { generateMlKem } from '../pqc/ml-kem.ts'
import { generateRsa } from '../rsa/generate.ts'
import { bytesOf, countOf, demanded, integerOf } from '../template.ts'
import { integerOf as integerOfBytes } from '../integers.ts'
import { Ep11Error } from '../ep11-error.ts'

const PUBLIC_EXPONENT = 65_537n
/** More than any exponent that is taken. */
const EXPONENT_BYTES_MAX = 1024

interface Templates {
  readonly publicTemplate: Template
  readonly privateTemplate: Template
}

/** The type of its keys, and how a pair is made: at once, or whenever OpenSSL's threads have found it. */
interface Generation {
  readonly keyType: number
  readonly make: (templates: Templates, call: Call) => KeyPair | Promise<KeyPair>
}

const rsa: Generation = {
  keyType: keyTypes.CKK_RSA,
  make: ({ publicTemplate }, call) => {
    const bits = demanded(countOf(publicTemplate, 'CKA_MODULUS_BITS'), 'CKA_MODULUS_BITS')
    call.facts.request.keySize = bits
    const exponent = exponentOf(publicTemplate) ?? PUBLIC_EXPONENT
    return call.holdings.generations.run(call.instance, () => generateRsa(bits, exponent))
  },
}

const generations: Partial<Record<MechanismName, Generation>> = {
  CKM_RSA_PKCS_KEY_PAIR_GEN: rsa,
  CKM_RSA_X9_31_KEY_PAIR_GEN: rsa,
  CKM_EC_KEY_PAIR_GEN: {
    keyType: keyTypes.CKK_EC,
    make: ({ publicTemplate }, call) => {
      const curve = curveOfParameters(demanded(bytesOf(publicTemplate, 'CKA_EC_PARAMS'), 'CKA_EC_PARAMS'))
      call.facts.request.curve = curve.name
      call.facts.request.keySize = curve.bits
      demandCurve(call, curve)
      return generateEc(curve)
    },
  },
  CKM_DSA_KEY_PAIR_GEN: {
    keyType: keyTypes.CKK_DSA,
    make: ({ publicTemplate }, call) => {
      const parameters = domainOf(publicTemplate)
      return call.holdings.generations.run(call.instance, () => generateDsa(parameters))
    },
  },
  CKM_DH_PKCS_KEY_PAIR_GEN: {
    keyType: keyTypes.CKK_DH,
    make: ({ publicTemplate, privateTemplate }, call) => {
      const parameters = domainOf(publicTemplate)
      const valueBits = countOf(privateTemplate, 'CKA_VALUE_BITS') ?? countOf(publicTemplate, 'CKA_VALUE_BITS')
      return call.holdings.generations.run(call.instance, () => generateDh(parameters, valueBits))
    },
  },
  CKM_ML_KEM_KEY_PAIR_GEN: { keyType: keyTypes.CKK_ML_KEM, make: (templates) => generateMlKem(setOf(templates)) },
  CKM_ML_DSA_KEY_PAIR_GEN: { keyType: keyTypes.CKK_ML_DSA, make: (templates) => generateMlDsa(setOf(templates)) },
}

type Answer = CallAnswer<'GenerateKeyPair'>

export function generateKeyPair(
  { mechanism, ...templates }: CallRequest<'GenerateKeyPair'>,
  call: Call,
): Answer | Promise<Answer> {
  const name = demandMechanism(call, mechanism, 'GENERATE_KEY_PAIR')
  demandNoParameter(mechanism.parameter)
  const generation = generations[name]
  if (generation === undefined) throw mechanismInvalid()
  const { keyType } = generation
  const bits = {
    private: bitsOf(templates.privateTemplate, 'private', keyType, 'generated'),
    public: bitsOf(templates.publicTemplate, 'public', keyType, 'generated'),
  }
  tellKey(call, { keyType, size: 0, curve: '', bits: bits.private })
  delete call.facts.request.keySize
  const finish = ({ privateKey, publicKey }: KeyPair): Answer => {
    const kind = kindOf(publicKey)
    tellKey(call, { ...kind, bits: bits.private })
    return {
      privateKey: sealNew(call, {
        class: 'private',
        ...kind,
        bits: bits.private,
        generatedBy: mechanisms[name].value,
        key: privateKey,
      }),
      publicKey: newPublicObject(call, publicKey, bits.public, 'publicKeyFingerprint'),
    }
  }
  const made = generation.make(templates, call)
  return made instanceof Promise ? made.then(finish) : finish(made)
}

/** Edwards and Montgomery curves have a control point. @throws Ep11Error `CKR_CURVE_NOT_SUPPORTED` */
export function demandCurve(call: Call, curve: Curve): void {
  if (curve.kind !== 'weierstrass' && !isControlPointOn(call, 'XCP_CPB_ALG_EC_25519')) throw curveNotSupported()
}

/** An integer, or big-endian bytes with as many zeros before it as a client likes. */
function exponentOf(template: Template): bigint | undefined {
  const bytes = template.get(attributeTypes.CKA_PUBLIC_EXPONENT)
  if (!Buffer.isBuffer(bytes)) return integerOf(template, 'CKA_PUBLIC_EXPONENT')
  if (bytes.length <= EXPONENT_BYTES_MAX) return bytes.length === 0 ? undefined : integerOfBytes(bytes)
  throw new Ep11Error('CKR_ATTRIBUTE_VALUE_INVALID', 'The public exponent is longer than any modulus.')
}

/** DER of {P, Q, G} or {P, G}: what GenerateKey gives out as domain parameters. */
function domainOf(template: Template): Buffer {
  const parameters = bytesOf(template, 'CKA_IBM_STRUCT_PARAMS')
  return demanded(parameters, 'CKA_IBM_STRUCT_PARAMS')
}

function setOf({ publicTemplate, privateTemplate }: Templates): number {
  const set = countOf(publicTemplate, 'CKA_PARAMETER_SET') ?? countOf(privateTemplate, 'CKA_PARAMETER_SET')
  return demanded(set, 'CKA_PARAMETER_SET')
}
