/** The test kit: products as real processes, clients, fault switches. */
export { type CallOptions, Client, type FoundEvent, type Reply } from './client.ts'
export { newDataFolder, type Product, type ProductOptions, type RunFile, StartFailed, startProduct } from './product.ts'
export { allKeyIds, broken, covered, type LoggedEntry, verifiedLog } from './audit-check.ts'
export { type LedgerLine, type Load, startLoad } from './load.ts'
export { type GoAnswer, GoError, type GoReason } from './go-style-answer.ts'
export { type GoKeyOptions, type GoRequest, type GoResource, GoStyleClient } from './go-style-client.ts'
export { Wire } from './wire.ts'
export { newCertificate, newIdentity } from './new-certificate.ts'
export {
  ceremonyAdministrators,
  ceremonyParts,
  newTkeAdministrator,
  type RotationView,
  type TkeAdministrator,
  TkeCommands,
  type TkeListing,
  type TkeReply,
} from './tke-commands.ts'
export { ceremonySigners, newSigner, type TkeSigner } from './tke-signer.ts'
export { TkeClient, type TkeConfiguration, type TkeUnitState } from './tke-client.ts'
export { TkeHttpError, TkeRefused, type TkeUnit } from './tke-wire.ts'
export { addKmipCertificate, type KmipIdentity, type KmipSite, newKmipAdapter, newKmipSite } from './kmip-adapter.ts'
export { connectKmip, KmipConnection, type KmipPlace, kmipPlace } from './kmip-client.ts'
export { CertificateAdministrator } from './certificate-administrator.ts'
export { connectEp11, type Ep11Network } from './ep11-client.ts'
export { materialOf, VCenter } from './vcenter.ts'
export { allObjectIds, brokenKmip, type KmipLedgerLine, type KmipLoad, startKmipLoad } from './kmip-load.ts'
export { type Abuser, kindsOf, openAbuser, openFilesMax } from './kmip-abuse.ts'
export { fuzzKmip } from './kmip-fuzz.ts'
export { metricOf, residentMb } from './watch.ts'
