/** The register of every place that holds protected bytes: what master key rotation and a change of the seal must walk. */

export interface ProtectedColumn {
  readonly table: string
  readonly column: string
  /** `wrapped` under an instance's master key; `enveloped` under a root key, which is; `sealed` under the seal. */
  readonly protection: 'wrapped' | 'enveloped' | 'sealed'
}

/** A test compares this with the schema: a column of bytes is here, or is named there as holding no secret. */
export const protectedColumns: readonly ProtectedColumn[] = [
  { table: 'key_material', column: 'blob', protection: 'wrapped' },
  { table: 'keystore_objects', column: 'blob', protection: 'wrapped' },
  { table: 'keystore_objects', column: 'sealed', protection: 'sealed' },
  { table: 'kmip_objects', column: 'blob', protection: 'enveloped' },
  { table: 'unit_state_slots', column: 'sealed', protection: 'sealed' },
  { table: 'signing_keys', column: 'sealed', protection: 'sealed' },
  { table: 'import_tokens', column: 'private_key', protection: 'sealed' },
  { table: 'import_tokens', column: 'nonce', protection: 'sealed' },
  { table: 'secrets', column: 'sealed', protection: 'sealed' },
]
