/** Published vectors of HMAC, with which sealed keys are used; each says where it stands. */
import type { MacHash } from '../key-use.ts'

interface MacVector {
  readonly origin: string
  readonly hash: MacHash
  readonly key: string
  readonly data: string
  readonly mac: string
}

/** RFC 4231, test cases 1 and 6 (a key longer than a block); RFC 2202; NIST's examples of HMAC with SHA-3. */
export const macVectors: readonly MacVector[] = (
  [
    ['RFC 2202, section 3, case 1', 'SHA-1', '0b'.repeat(20), 'Hi There', 'b617318655057264e28bc0b6fb378c8ef146be00'],
    [
      'RFC 4231, case 1',
      'SHA-224',
      '0b'.repeat(20),
      'Hi There',
      '896fb1128abbdf196832107cd49df33f47b4b1169912ba4f53684b22',
    ],
    [
      'RFC 4231, case 1',
      'SHA-256',
      '0b'.repeat(20),
      'Hi There',
      'b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7',
    ],
    [
      'RFC 4231, case 1',
      'SHA-384',
      '0b'.repeat(20),
      'Hi There',
      'afd03944d84895626b0825f4ab46907f15f9dadbe4101ec682aa034c7cebc59cfaea9ea9076ede7f4af152e8b2fa9cb6',
    ],
    [
      'RFC 4231, case 1',
      'SHA-512',
      '0b'.repeat(20),
      'Hi There',
      '87aa7cdea5ef619d4ff0b4241a1d6cb02379f4e2ce4ec2787ad0b30545e17cdedaa833b7d6b8a702038b274eaea3f4e4be9d914eeb61f1702e696c203a126854',
    ],
    [
      'RFC 4231, case 6',
      'SHA-256',
      'aa'.repeat(131),
      'Test Using Larger Than Block-Size Key - Hash Key First',
      '60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54',
    ],
    [
      'RFC 4231, case 6',
      'SHA-512',
      'aa'.repeat(131),
      'Test Using Larger Than Block-Size Key - Hash Key First',
      '80b24263c7c1a3ebb71493c1dd7be8b49b46d1f41b4aeec1121b013783f8f3526b56d037e05f2598bd0fd2215d6a1e5295e64f73f63f0aec8b915a985d786598',
    ],
    [
      'NIST example HMAC_SHA3-224',
      'SHA3-224',
      upTo(28),
      'Sample message for keylen<blocklen',
      '332cfd59347fdb8e576e77260be4aba2d6dc53117b3bfb52c6d18c04',
    ],
    [
      'NIST example HMAC_SHA3-256',
      'SHA3-256',
      upTo(32),
      'Sample message for keylen<blocklen',
      '4fe8e202c4f058e8dddc23d8c34e467343e23555e24fc2f025d598f558f67205',
    ],
    [
      'NIST example HMAC_SHA3-384',
      'SHA3-384',
      upTo(48),
      'Sample message for keylen<blocklen',
      'd588a3c51f3f2d906e8298c1199aa8ff6296218127f6b38a90b6afe2c5617725bc99987f79b22a557b6520db710b7f42',
    ],
    [
      'NIST example HMAC_SHA3-512',
      'SHA3-512',
      upTo(64),
      'Sample message for keylen<blocklen',
      '4efd629d6c71bf86162658f29943b1c308ce27cdfa6db0d9c3ce81763f9cbce5f7ebe9868031db1a8f8eb7b6b95e5c5e3f657a8996c86a2f6527e307f0213196',
    ],
  ] as const
).map(([origin, hash, key, data, mac]) => ({ origin, hash, key, data, mac }))

/** 00 01 02 … */
function upTo(count: number): string {
  return Buffer.from(Array.from({ length: count }, (_, index) => index)).toString('hex')
}
