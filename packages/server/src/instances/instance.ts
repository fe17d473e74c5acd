/** A service instance: what every key, unit and certificate belongs to, and its names. */

/** One instance of the service, in one location of one account. */
export interface Instance {
  /** UUID; the value of the header `Bluemix-Instance`. */
  readonly guid: string
  readonly name: string
  /** 32 hex digits. */
  readonly account: string
  readonly location: string
  /** Id of the resource group, 32 hex digits. */
  readonly resourceGroup: string
  /** `crn:v1:<cname>:public:hs-crypto:<location>:a/<account>:<guid>::` */
  readonly crn: string
  /** Milliseconds since the epoch. */
  readonly createdAt: number
}

/** `cname` is the name of this service in resource names, fixed at first start: `keywitness`. */
export function instanceCrn(cname: string, location: string, account: string, guid: string): string {
  return `crn:v1:${cname}:public:hs-crypto:${location}:a/${account}:${guid}::`
}

/** CRN of something inside an instance, such as `key`, by replacing the two empty last parts. */
export function resourceCrn(instance: Pick<Instance, 'crn'>, type: string, id: string): string {
  return `${instance.crn.slice(0, -2)}:${type}:${id}`
}
