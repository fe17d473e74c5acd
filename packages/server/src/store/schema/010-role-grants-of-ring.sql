-- The roles on one key ring, which go with it.
CREATE INDEX role_grants_ring ON role_grants (scope_id, key_ring) WHERE key_ring <> '';
