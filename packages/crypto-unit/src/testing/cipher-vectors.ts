/** Published vectors of the ciphers that sealed keys are used with; each says where it stands. */
import type { CipherAlgorithm, CipherMode } from '../key-use.ts'

export interface CipherVector {
  readonly origin: string
  readonly algorithm: CipherAlgorithm
  readonly mode: CipherMode
  readonly key: string
  readonly iv?: string
  readonly additional?: string
  readonly plaintext: string
  readonly ciphertext: string
  readonly tag?: string
}

const aes128 = '2b7e151628aed2a6abf7158809cf4f3c'
const aes192 = '8e73b0f7da0e6452c810f32b809079e562f8ead2522c6b7b'
const aes256 = '603deb1015ca71be2b73aef0857d77811f352c073b6108d72d9810a30914dff4'
const blocks =
  '6bc1bee22e409f96e93d7e117393172aae2d8a571e03ac9c9eb76fac45af8e5130c81c46a35ce411e5fbc1191a0a52eff69f2445df4f9b17ad2b417be66c3710'
const counting = '000102030405060708090a0b0c0d0e0f'
const counter = 'f0f1f2f3f4f5f6f7f8f9fafbfcfdfeff'

/** NIST SP 800-38A, appendix F: mode, key, vector, ciphertext of the four blocks. */
const nist38a: readonly CipherVector[] = (
  [
    [
      'F.1.1 ECB-AES128',
      'ECB',
      aes128,
      undefined,
      '3ad77bb40d7a3660a89ecaf32466ef97f5d3d58503b9699de785895a96fdbaaf43b1cd7f598ece23881b00e3ed0306887b0c785e27e8ad3f8223207104725dd4',
    ],
    [
      'F.1.3 ECB-AES192',
      'ECB',
      aes192,
      undefined,
      'bd334f1d6e45f25ff712a214571fa5cc974104846d0ad3ad7734ecb3ecee4eefef7afd2270e2e60adce0ba2face6444e9a4b41ba738d6c72fb16691603c18e0e',
    ],
    [
      'F.1.5 ECB-AES256',
      'ECB',
      aes256,
      undefined,
      'f3eed1bdb5d2a03c064b5a7e3db181f8591ccb10d410ed26dc5ba74a31362870b6ed21b99ca6f4f9f153e7b1beafed1d23304b7a39f9f3ff067d8d8f9e24ecc7',
    ],
    [
      'F.2.1 CBC-AES128',
      'CBC',
      aes128,
      counting,
      '7649abac8119b246cee98e9b12e9197d5086cb9b507219ee95db113a917678b273bed6b8e3c1743b7116e69e222295163ff1caa1681fac09120eca307586e1a7',
    ],
    [
      'F.2.3 CBC-AES192',
      'CBC',
      aes192,
      counting,
      '4f021db243bc633d7178183a9fa071e8b4d9ada9ad7dedf4e5e738763f69145a571b242012fb7ae07fa9baac3df102e008b0e27988598881d920a9e64f5615cd',
    ],
    [
      'F.2.5 CBC-AES256',
      'CBC',
      aes256,
      counting,
      'f58c4c04d6e5f1ba779eabfb5f7bfbd69cfc4e967edb808d679f777bc6702c7d39f23369a9d9bacfa530e26304231461b2eb05e2c39be9fcda6c19078c6a9d1b',
    ],
    [
      'F.3.13 CFB128-AES128',
      'CFB',
      aes128,
      counting,
      '3b3fd92eb72dad20333449f8e83cfb4ac8a64537a0b3a93fcde3cdad9f1ce58b26751f67a3cbb140b1808cf187a4f4dfc04b05357c5d1c0eeac4c66f9ff7f2e6',
    ],
    [
      'F.3.15 CFB128-AES192',
      'CFB',
      aes192,
      counting,
      'cdc80d6fddf18cab34c25909c99a417467ce7f7f81173621961a2b70171d3d7a2e1e8a1dd59b88b1c8e60fed1efac4c9c05f9f9ca9834fa042ae8fba584b09ff',
    ],
    [
      'F.3.17 CFB128-AES256',
      'CFB',
      aes256,
      counting,
      'dc7e84bfda79164b7ecd8486985d386039ffed143b28b1c832113c6331e5407bdf10132415e54b92a13ed0a8267ae2f975a385741ab9cef82031623d55b1e471',
    ],
    [
      'F.4.1 OFB-AES128',
      'OFB',
      aes128,
      counting,
      '3b3fd92eb72dad20333449f8e83cfb4a7789508d16918f03f53c52dac54ed8259740051e9c5fecf64344f7a82260edcc304c6528f659c77866a510d9c1d6ae5e',
    ],
    [
      'F.4.3 OFB-AES192',
      'OFB',
      aes192,
      counting,
      'cdc80d6fddf18cab34c25909c99a4174fcc28b8d4c63837c09e81700c11004018d9a9aeac0f6596f559c6d4daf59a5f26d9f200857ca6c3e9cac524bd9acc92a',
    ],
    [
      'F.4.5 OFB-AES256',
      'OFB',
      aes256,
      counting,
      'dc7e84bfda79164b7ecd8486985d38604febdc6740d20b3ac88f6ad82a4fb08d71ab47a086e86eedf39d1c5bba97c4080126141d67f37be8538f5a8be740e484',
    ],
    [
      'F.5.1 CTR-AES128',
      'CTR',
      aes128,
      counter,
      '874d6191b620e3261bef6864990db6ce9806f66b7970fdff8617187bb9fffdff5ae4df3edbd5d35e5b4f09020db03eab1e031dda2fbe03d1792170a0f3009cee',
    ],
    [
      'F.5.3 CTR-AES192',
      'CTR',
      aes192,
      counter,
      '1abc932417521ca24f2b0459fe7e6e0b090339ec0aa6faefd5ccc2c6f4ce8e941e36b26bd1ebc670d1bd1d665620abf74f78a7f6d29809585a97daec58c6b050',
    ],
    [
      'F.5.5 CTR-AES256',
      'CTR',
      aes256,
      counter,
      '601ec313775789a5b7a7f504bbf3d228f443e3ca4d62b59aca84e990cacaf5c52b0930daa23de94ce87017ba2d84988ddfc9c58db67aada613c2dd08457941a6',
    ],
  ] as const
).map(([section, mode, key, iv, ciphertext]) => ({
  origin: `SP 800-38A, ${section}`,
  algorithm: 'AES',
  mode,
  key,
  ...(iv === undefined ? {} : { iv }),
  plaintext: blocks,
  ciphertext,
}))

const gcmText =
  'd9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a721c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b39'
const gcmAdditional = 'feedfacedeadbeeffeedfacedeadbeefabaddad2'
const gcmKey = 'feffe9928665731c6d6a8f9467308308'

/** "The Galois/Counter Mode of Operation (GCM)", McGrew and Viega, appendix B. */
const gcm: readonly CipherVector[] = (
  [
    [
      4,
      gcmKey,
      'cafebabefacedbaddecaf888',
      '42831ec2217774244b7221b784d0d49ce3aa212f2c02a4e035c17e2329aca12e21d514b25466931c7d8f6a5aac84aa051ba30b396a0aac973d58e091',
      '5bc94fbc3221a5db94fae95ae7121a47',
    ],
    [
      5,
      gcmKey,
      'cafebabefacedbad',
      '61353b4c2806934a777ff51fa22a4755699b2a714fcdc6f83766e5f97b6c742373806900e49f24b22b097544d4896b424989b5e1ebac0f07c23f4598',
      '3612d2e79e3b0785561be14aaca2fccb',
    ],
    [
      6,
      gcmKey,
      '9313225df88406e555909c5aff5269aa6a7a9538534f7da1e4c303d2a318a728c3c0c95156809539fcf0e2429a6b525416aedbf5a0de6a57a637b39b',
      '8ce24998625615b603a033aca13fb894be9112a5c3a211a8ba262a3cca7e2ca701e4a9a4fba43c90ccdcb281d48c7c6fd62875d2aca417034c34aee5',
      '619cc5aefffe0bfa462af43c1699d050',
    ],
    [
      10,
      'feffe9928665731c6d6a8f9467308308feffe9928665731c',
      'cafebabefacedbaddecaf888',
      '3980ca0b3c00e841eb06fac4872a2757859e1ceaa6efd984628593b40ca1e19c7d773d00c144c525ac619d18c84a3f4718e2448b2fe324d9ccda2710',
      '2519498e80f1478f37ba55bd6d27618c',
    ],
    [
      16,
      gcmKey + gcmKey,
      'cafebabefacedbaddecaf888',
      '522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa8cb08e48590dbb3da7b08b1056828838c5f61e6393ba7a0abcc9f662',
      '76fc6ece0f4e1768cddf8853bb2d551b',
    ],
  ] as const
).map(([number, key, iv, ciphertext, tag]) => ({
  origin: `GCM, test case ${number}`,
  algorithm: 'AES',
  mode: 'GCM',
  key,
  iv,
  additional: gcmAdditional,
  plaintext: gcmText,
  ciphertext,
  tag,
}))

/** IEEE 1619, annex B. Of vector 10 the first two blocks: a block depends on none but itself. */
const xts: readonly CipherVector[] = [
  {
    origin: 'IEEE 1619, vector 2',
    algorithm: 'AES',
    mode: 'XTS',
    key: '11'.repeat(16) + '22'.repeat(16),
    iv: '33333333330000000000000000000000',
    plaintext: '44'.repeat(32),
    ciphertext: 'c454185e6a16936e39334038acef838bfb186fff7480adc4289382ecd6d394f0',
  },
  {
    origin: 'IEEE 1619, vector 15',
    algorithm: 'AES',
    mode: 'XTS',
    key: 'fffefdfcfbfaf9f8f7f6f5f4f3f2f1f0bfbebdbcbbbab9b8b7b6b5b4b3b2b1b0',
    iv: '9a785634120000000000000000000000',
    plaintext: `${counting}10`,
    ciphertext: '6c1625db4671522d3d7599601de7ca09ed',
  },
  {
    origin: 'IEEE 1619, vector 10',
    algorithm: 'AES',
    mode: 'XTS',
    key: '27182818284590452353602874713526624977572470936999595749669676273141592653589793238462643383279502884197169399375105820974944592',
    iv: 'ff000000000000000000000000000000',
    plaintext: `${counting}101112131415161718191a1b1c1d1e1f`,
    ciphertext: '1c3b3a102f770386e4836c99e370cf9bea00803f5e482357a4ae12d414a3e63b',
  },
]

const wrapping: readonly CipherVector[] = [
  {
    origin: 'RFC 3394, section 4.1',
    algorithm: 'AES',
    mode: 'NISTKeyWrap',
    key: counting,
    plaintext: '00112233445566778899aabbccddeeff',
    ciphertext: '1fa68b0a8112b447aef34bd8fb5a7b829d3e862371d2cfe5',
  },
  {
    origin: 'RFC 3394, section 4.2',
    algorithm: 'AES',
    mode: 'NISTKeyWrap',
    key: `${counting}1011121314151617`,
    plaintext: '00112233445566778899aabbccddeeff',
    ciphertext: '96778b25ae6ca435f92b5b97c050aed2468ab8a17ad84e5d',
  },
  {
    origin: 'RFC 3394, section 4.6',
    algorithm: 'AES',
    mode: 'NISTKeyWrap',
    key: `${counting}101112131415161718191a1b1c1d1e1f`,
    plaintext: `00112233445566778899aabbccddeeff${counting}`,
    ciphertext: '28c9f404c4b810f4cbccb35cfb87f8263f5786e2d80ed326cbc7f0e71a99f43bfb988b9b7a02dd21',
  },
  {
    origin: 'RFC 5649, section 6, 20 octets',
    algorithm: 'AES',
    mode: 'AESKeyWrapPadding',
    key: '5840df6e29b02af1ab493b705bf16ea1ae8338f4dcc176a8',
    plaintext: 'c37b7e6492584340bed12207808941155068f738',
    ciphertext: '138bdeaa9b8fa7fc61f97742e72248ee5ae6ae5360d1ae6a5f54f373fa543b6a',
  },
  {
    origin: 'RFC 5649, section 6, 7 octets',
    algorithm: 'AES',
    mode: 'AESKeyWrapPadding',
    key: '5840df6e29b02af1ab493b705bf16ea1ae8338f4dcc176a8',
    plaintext: '466f7250617369',
    ciphertext: 'afbeb0f07dfbf5419200f2ccb50bb24f',
  },
]

const threeKeys = '0123456789abcdef23456789abcdef01456789abcdef0123'
const twoKeys = '0123456789abcdef23456789abcdef01'
const fourBlocks = blocks.slice(0, 64)

const tripleDes: readonly CipherVector[] = [
  {
    origin: 'SP 800-67 (2004), appendix B.1',
    algorithm: '3DES',
    mode: 'ECB',
    key: threeKeys,
    plaintext: '54686520717566636b2062726f776e20666f78206a756d70',
    ciphertext: 'a826fd8ce53b855fcce21c8112256fe668d5c05dd9b6b900',
  },
  {
    origin: 'NIST example TDES_ECB, 3 keys',
    algorithm: '3DES',
    mode: 'ECB',
    key: threeKeys,
    plaintext: fourBlocks,
    ciphertext: '714772f339841d34267fcc4bd2949cc3ee11c22a576a303876183f99c0b6de87',
  },
  {
    origin: 'NIST example TDES_ECB, 2 keys',
    algorithm: '3DES',
    mode: 'ECB',
    key: twoKeys,
    plaintext: fourBlocks,
    ciphertext: '06ede3d82884090aff322c19f0518486730576972a666e58b6c88cf107340d3d',
  },
  {
    origin: 'NIST example TDES_CBC, 3 keys',
    algorithm: '3DES',
    mode: 'CBC',
    key: threeKeys,
    iv: 'f69f2445df4f9b17',
    plaintext: fourBlocks,
    ciphertext: '2079c3d53aa763e193b79e2569ab5262516570481f25b50f73c0bda85c8e0da7',
  },
  {
    origin: 'NIST example TDES_CBC, 2 keys',
    algorithm: '3DES',
    mode: 'CBC',
    key: twoKeys,
    iv: 'f69f2445df4f9b17',
    plaintext: fourBlocks,
    ciphertext: '7401ce1eab6d003caff84bf47b36cc2154f0238f9ffecd8f6acf118392b45581',
  },
]

const chacha: readonly CipherVector[] = [
  {
    origin: 'RFC 8439, section 2.8.2',
    algorithm: 'ChaCha20Poly1305',
    mode: 'AEAD',
    key: '808182838485868788898a8b8c8d8e8f909192939495969798999a9b9c9d9e9f',
    iv: '070000004041424344454647',
    additional: '50515253c0c1c2c3c4c5c6c7',
    plaintext: Buffer.from(
      "Ladies and Gentlemen of the class of '99: If I could offer you only one tip for the future, sunscreen would be it.",
    ).toString('hex'),
    ciphertext:
      'd31a8d34648e60db7b86afbc53ef7ec2a4aded51296e08fea9e2b5a736ee62d63dbea45e8ca9671282fafb69da92728b1a71de0a9e060b2905d6a5b67ecd3b3692ddbd7f2d778b8c9803aee328091b58fab324e4fad675945585808b4831d7bc3ff4def08e4b7a9de576d26586cec64b6116',
    tag: '1ae10b594f09e26a7e902ecbd0600691',
  },
]

export const cipherVectors: readonly CipherVector[] = [...nist38a, ...gcm, ...xts, ...wrapping, ...tripleDes, ...chacha]
