/** The protocol versions that are spoken, and what is newer than what. */

export interface Version {
  readonly major: number
  readonly minor: number
}

/** Highest first, as Discover Versions lists them (KMIP 1.4, section 4.26). */
export const supportedVersions: readonly Version[] = [4, 3, 2, 1, 0].map((minor) => ({ major: 1, minor }))

/** The version in which a message is answered whose own version is not known, or not spoken. */
export const oldestVersion: Version = { major: 1, minor: 0 }

export const newestVersion: Version = { major: 1, minor: 4 }

/** Below zero when `left` is the older one, zero when they are the same. */
export function compareVersions(left: Version, right: Version): number {
  return left.major - right.major || left.minor - right.minor
}

/** Whether a version has what came with 1.`minor`. */
export function atLeast(version: Version, minor: number): boolean {
  return compareVersions(version, { major: 1, minor }) >= 0
}
