/** What every operation of KMIP management does first: ask who may, then find what is meant and note it. */
import { Refusal } from '../../errors.ts'
import { resourceCrn } from '../../instances/instance.ts'
import type { KeyCall } from '../../keys/parts.ts'
import type { KmipObject } from '../objects/kmip-object.ts'
import { nameOf } from '../operations/object-of-item.ts'
import type { KmipParts } from './parts.ts'
import type { AdapterRow, WholeCertificateRow } from './rows.ts'

/** The part of an event's facts that all these operations fill. */
export interface SeenKmip {
  target: { id: string; name: string }
  request: { objectKind?: 'adapter' | 'certificate' | 'object' | undefined; adapterId?: string | undefined }
}

/**
 * Before anything else, for a missing permission outranks every other fault of a request (design 6).
 * @throws Refusal `UNAUTHORIZED_ERR`
 */
export function authorise(
  call: KeyCall,
  kind: NonNullable<SeenKmip['request']['objectKind']>,
  seen: SeenKmip,
  parts: Pick<KmipParts, 'access'>,
): void {
  seen.target = { id: call.instance.crn, name: call.instance.name }
  seen.request.objectKind = kind
  parts.access.requireInstance(call.caller, call.instance, 'kmip-management')
}

/** @throws Refusal `NOT_FOUND` */
export function existingAdapter(call: KeyCall, idOrName: string, seen: SeenKmip, parts: KmipParts): AdapterRow {
  const adapter = parts.kmip.adapter(call.instance.guid, idOrName)
  if (adapter === undefined) throw new Refusal('NOT_FOUND', { message: 'There is no such KMIP adapter.' })
  seen.request.adapterId = adapter.id
  seen.target = adapterTarget(call, adapter)
  return adapter
}

/** @throws Refusal `NOT_FOUND` */
export function existingCertificate(
  call: KeyCall,
  adapter: AdapterRow,
  idOrName: string,
  seen: SeenKmip,
  parts: KmipParts,
): WholeCertificateRow {
  const certificate = parts.kmip.certificate(adapter, idOrName)
  if (certificate === undefined) throw new Refusal('NOT_FOUND', { message: 'The adapter has no such certificate.' })
  seen.target = certificateTarget(call, certificate)
  return certificate
}

/** @throws Refusal `NOT_FOUND` */
export function existingObject(
  call: KeyCall,
  adapter: AdapterRow,
  id: string,
  seen: SeenKmip,
  parts: KmipParts,
): KmipObject {
  const object = parts.objects.find({ instance: adapter.instance, adapter: adapter.id }, id.toLowerCase())
  if (object === undefined) throw new Refusal('NOT_FOUND', { message: 'The adapter has no such object.' })
  seen.target = { id: resourceCrn(call.instance, 'kmip-object', object.id), name: nameOf(object) }
  return object
}

export function adapterTarget({ instance }: KeyCall, adapter: Pick<AdapterRow, 'id' | 'name'>) {
  return { id: resourceCrn(instance, 'kmip-adapter', adapter.id), name: adapter.name }
}

export function certificateTarget({ instance }: KeyCall, certificate: Pick<WholeCertificateRow, 'id' | 'name'>) {
  return { id: resourceCrn(instance, 'kmip-certificate', certificate.id), name: certificate.name }
}
