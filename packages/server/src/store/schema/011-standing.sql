-- What every call is decided on besides its own subject: its caller's rights, and from where its instance takes calls.
-- Each has a revision that grows whenever less may be permitted than before, whoever made the change; a call is recorded
-- only while both are those it was decided on.
ALTER TABLE identities ADD COLUMN rights_revision INTEGER NOT NULL DEFAULT 0;
-- 0: no network policy was ever set.
ALTER TABLE instances ADD COLUMN network_revision INTEGER NOT NULL DEFAULT 0;

UPDATE instances SET network_revision = 1
  WHERE guid IN (SELECT instance FROM instance_policies WHERE kind IN ('allowedNetwork', 'allowedIP'));

CREATE TRIGGER rights_of_disabled_identity AFTER UPDATE OF state ON identities BEGIN
  UPDATE identities SET rights_revision = rights_revision + 1 WHERE id = new.id;
END;

CREATE TRIGGER rights_without_role AFTER DELETE ON role_grants BEGIN
  UPDATE identities SET rights_revision = rights_revision + 1 WHERE id = old.identity;
END;

CREATE TRIGGER rights_of_disabled_api_key AFTER UPDATE OF state ON api_keys BEGIN
  UPDATE identities SET rights_revision = rights_revision + 1 WHERE id = new.identity;
END;

CREATE TRIGGER rights_without_api_key AFTER DELETE ON api_keys BEGIN
  UPDATE identities SET rights_revision = rights_revision + 1 WHERE id = old.identity;
END;

CREATE TRIGGER rights_without_session AFTER DELETE ON sessions BEGIN
  UPDATE identities SET rights_revision = rights_revision + 1 WHERE id = old.identity;
END;

CREATE TRIGGER network_policy_set AFTER INSERT ON instance_policies
WHEN new.kind IN ('allowedNetwork', 'allowedIP') BEGIN
  UPDATE instances SET network_revision = network_revision + 1 WHERE guid = new.instance;
END;

CREATE TRIGGER network_policy_changed AFTER UPDATE ON instance_policies
WHEN new.kind IN ('allowedNetwork', 'allowedIP') BEGIN
  UPDATE instances SET network_revision = network_revision + 1 WHERE guid = new.instance;
END;
