/** What the trail says in words of commands about client certificates: done, refused, and why. */
import { explain, sentence } from '@keywitness/cadf'
import { afterEach, beforeEach, expect, test } from 'vitest'
import {
  type Administrator,
  authority,
  type CertificateHouse,
  openCertificateHouse,
} from './testing/certificate-house.ts'
import { newSigner } from './testing/signer.ts'

let places: CertificateHouse
let ana: Administrator
beforeEach(async () => {
  places = openCertificateHouse()
  ana = await places.administrator()
})
afterEach(() => places.app.close())

const { cert: certificate } = authority()
const said = () => sentence(places.house.lastEvent()).replace(/^Service \S+ /, '')
const meaning = () => explain(places.house.lastEvent()).map((one) => one.meaning)

test('what was done is one sentence', async () => {
  const { name } = places.house.instance
  await ana.set('web')
  expect(said()).toBe('set authority web for client certificates: clients need a certificate from now on')
  await ana.set('app')
  expect(said()).toBe('set authority app for client certificates')
  await ana.get('/certs')
  expect(said()).toBe('listed the authorities for client certificates (2 found)')
  await ana.get('/certs/web')
  expect(said()).toBe('read authority web for client certificates')
  await ana.remove('app')
  expect(said()).toBe('deleted authority app for client certificates')
  await ana.remove('web')
  expect(said()).toBe('deleted the last authority web for client certificates: clients need no certificate any more')
  await ana.remove('web')
  expect(said()).toBe('was refused: delete authority web for client certificates (404)')
  await ana.updateKey()
  expect(said()).toContain('replaced the signature key of the certificate administrator')
  expect(said()).not.toContain(`${name} ${name}`)
})

test('each refusal is explained by its own cause, alone', async () => {
  const set = ana.command('PUT', '/certs/web', { certificate })
  const refusals = [
    [{ ...set, headers: {} }, 'was not signed'],
    [ana.command('PUT', '/certs/web', { certificate }, { timestamp: '1772000000000' }), 'sent an old command again'],
    [ana.command('PUT', '/certs/web', { certificate }, { method: 'POST' }), 'does not belong to this command'],
    [ana.command('POST', '/adminkey', { publicKey: ana.signer.publicKey }), 'has a signature key already'],
    [ana.command('DELETE', '/certs/web'), 'has set no certificate of this id'],
    [ana.command('PUT', '/certs/web', { certificate: 'none' }), 'not well formed'],
  ] as const
  for (const [sent, words] of refusals) {
    await places.send(sent)
    expect(meaning()).toEqual([expect.stringContaining(words)])
  }
  await places.send(set)
  await places.send(set)
  expect(meaning()).toEqual([expect.stringContaining('was sent before')])
  const { signer } = ana
  ana.signer = newSigner()
  await ana.set('web')
  expect(meaning()).toEqual([expect.stringContaining('another key than the one in force')])
  const ben = await places.administrator()
  ana.signer = ben.signer
  await ana.set('web')
  expect(meaning()).toEqual([expect.stringContaining('key in force of another administrator of the instance')])
  ana.signer = signer
  for (let count = 0; count < 30; count++) await places.send(set)
  expect(meaning()).toEqual([expect.stringContaining('30 in a minute')])
  const cleo = await places.administrator(false)
  await cleo.set('web')
  expect(meaning()).toEqual([expect.stringContaining('no signature key')])
})
