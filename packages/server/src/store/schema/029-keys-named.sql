-- The inventory lists keys by name: it walks these rows instead of sorting whole ones for each page. Upper and lower case of
-- ASCII are one, as people look names up.
CREATE INDEX keys_named ON keys (instance, name COLLATE NOCASE, id, state, expires_at, extractable, ring, authorised_until);
