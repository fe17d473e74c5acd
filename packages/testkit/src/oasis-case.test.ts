/** The reader of OASIS test cases, with a case of our own that has all that theirs have. */
import { enumerations } from '@keywitness/server/kmip/ttlv/enumerations'
import { tags } from '@keywitness/server/kmip/ttlv/tags'
import { describe, expect, test } from 'vitest'
import { type CaseItem, parseOasisCase, type Placeholder } from './oasis-case.ts'
import { parseXml } from './oasis-xml.ts'

const response =
  '<ResponseMessage><ResponseHeader><TimeStamp type="DateTime" value="$NOW"/></ResponseHeader></ResponseMessage>'
const xml = `<?xml version="1.0"?>
<!-- a case
     of <our> own -->
<KMIP>
  # TIME 0
  <RequestMessage>
    <RequestHeader><TimeStamp  type="DateTime"   value="1970-01-01T01:00:06+01:00" /></RequestHeader>
    <RequestPayload>
    </RequestPayload>
    <UniqueIdentifier type="TextString"
        value="$UNIQUE_IDENTIFIER_0"/>
    <VendorIdentification type='TextString' value='a &lt;b&gt; &amp; "c" &#100;&#x65;'/>
    <VendorExtension><TTLV tag="0x540001" type="TextString" value="na"/></VendorExtension>
    <Attribute>
      <AttributeName type="TextString" value="Cryptographic   Usage Mask"/>
      <AttributeValue type="Integer" value="Encrypt  Decrypt"/>
    </Attribute>
    <Attribute>
      <AttributeName type="TextString" value="Cryptographic Algorithm"/>
      <AttributeValue type="Enumeration" value="DES3"/>
    </Attribute>
    <Attribute>
      <AttributeName type="TextString" value="x-Colour"/>
      <AttributeValue type="Enumeration" value="0x80000001"/>
    </Attribute>
    <StorageStatusMask type="Integer" value="OnLineStorage|ArchivalStorage"/>
    <MaximumItems type="Integer" value="-1"/>
    <UsageLimitsCount type="LongInteger" value="4294967296"/>
    <Modulus type="BigInteger" value="0000000000000003"/>
    <Fresh type="Boolean" value="true"/>
    <KeyMaterial type="ByteString" value="00ff"/>
    <LeaseTime type="Interval" value="3600"/>
  </RequestMessage>
  ${response}
  # TIME 1
  <RequestMessage/>
  ${response}
</KMIP>`

const now: Placeholder = { tag: tags.TimeStamp, type: 'DateTime', placeholder: '$NOW' }

const attribute = (name: string, value: Partial<CaseItem> & object): unknown => ({
  tag: tags.Attribute,
  type: 'Structure',
  value: [
    { tag: tags.AttributeName, type: 'TextString', value: name },
    { tag: tags.AttributeValue, ...value },
  ],
})

test('every type is read, and what is known only when the case runs is a placeholder', () => {
  const exchanges = parseOasisCase(xml)
  expect(exchanges).toHaveLength(2)
  expect(exchanges[1]?.request).toEqual({ tag: tags.RequestMessage, type: 'Structure', value: [] })
  expect(exchanges[1]?.response).toEqual({
    tag: tags.ResponseMessage,
    type: 'Structure',
    value: [
      {
        tag: tags.ResponseHeader,
        type: 'Structure',
        value: [now],
      },
    ],
  })
  expect(exchanges[0]?.request).toEqual({
    tag: tags.RequestMessage,
    type: 'Structure',
    value: [
      { tag: tags.RequestHeader, type: 'Structure', value: [{ tag: tags.TimeStamp, type: 'DateTime', value: 6n }] },
      { tag: tags.RequestPayload, type: 'Structure', value: [] },
      { tag: tags.UniqueIdentifier, type: 'TextString', placeholder: '$UNIQUE_IDENTIFIER_0' },
      { tag: tags.VendorIdentification, type: 'TextString', value: 'a <b> & "c" de' },
      {
        tag: tags.VendorExtension,
        type: 'Structure',
        value: [{ tag: 0x540001, type: 'TextString', value: 'na' }],
      },
      attribute('Cryptographic Usage Mask', { type: 'Integer', value: 12 }),
      attribute('Cryptographic Algorithm', { type: 'Enumeration', value: enumerations.CryptographicAlgorithm.DES3 }),
      attribute('x-Colour', { type: 'Enumeration', value: 0x8000_0001 }),
      { tag: tags.StorageStatusMask, type: 'Integer', value: 3 },
      { tag: tags.MaximumItems, type: 'Integer', value: -1 },
      { tag: tags.UsageLimitsCount, type: 'LongInteger', value: 4_294_967_296n },
      { tag: tags.Modulus, type: 'BigInteger', value: Buffer.from('0000000000000003', 'hex') },
      { tag: tags.Fresh, type: 'Boolean', value: true },
      { tag: tags.KeyMaterial, type: 'ByteString', value: Buffer.from('00ff', 'hex') },
      { tag: tags.LeaseTime, type: 'Interval', value: 3_600 },
    ],
  })
})

describe('a case is refused', () => {
  test.each([
    ['that begins with a response', `<KMIP>${response}<RequestMessage/></KMIP>`],
    ['with two requests after each other', `<KMIP><RequestMessage/><RequestMessage/>${response}</KMIP>`],
    ['with a request that has no response', '<KMIP><RequestMessage/></KMIP>'],
    ['with an unknown tag', '<KMIP><Nothing/></KMIP>'],
    ['with an unknown type', '<KMIP><Fresh type="DateTimeExtended" value="0"/></KMIP>'],
    ['with an unknown enumeration value', '<KMIP><State type="Enumeration" value="Happy"/></KMIP>'],
    ['with an unknown bit', '<KMIP><CryptographicUsageMask type="Integer" value="Encrypt Laugh"/></KMIP>'],
    ['with a date that is none', '<KMIP><TimeStamp type="DateTime" value="today"/></KMIP>'],
    ['with an item without a value', '<KMIP><Fresh type="Boolean"/></KMIP>'],
  ])('%s', (_, written) => {
    expect(() => parseOasisCase(written)).toThrow(Error)
  })
})

test.each(['', '<a>', '</a>', '<a></b>', '<a/><b/>', '<a><b></a></b>'])('%j is not one whole element', (written) => {
  expect(() => parseXml(written)).toThrow(Error)
})
