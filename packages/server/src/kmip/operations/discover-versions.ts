/** Discover Versions: which versions both sides speak, highest first (KMIP 1.4, section 4.26). */
import { compareVersions, supportedVersions, type Version } from '../message/version.ts'
import { tags } from '../ttlv/tags.ts'
import { protocolVersion } from '../message/response.ts'
import { Fields } from '../message/fields.ts'
import type { KmipOperation } from './item.ts'

export const discoverVersions: KmipOperation = (payload) => {
  const offered = payload.many(tags.ProtocolVersion, 'Structure').map((sent): Version => {
    const fields = new Fields(sent, payload.version)
    const major = fields.required(tags.ProtocolVersionMajor, 'Integer')
    const minor = fields.required(tags.ProtocolVersionMinor, 'Integer')
    fields.end()
    return { major, minor }
  })
  payload.end()
  return supportedVersions
    .filter((version) => offered.length === 0 || offered.some((other) => compareVersions(version, other) === 0))
    .map((version) => protocolVersion(version))
}
