-- The second layer of TLS: by which certificates the clients of EP11 must be issued, and who decides on them. Times are
-- milliseconds since the epoch.

-- Grows with every change of the certificates that an instance accepts, by the triggers below; a call is recorded only while
-- it is the one that the call was decided on. 0: there was never any.
ALTER TABLE instances ADD COLUMN certificate_generation INTEGER NOT NULL DEFAULT 0;

-- The public keys that verify the commands of certificate administrators, each for one instance.
CREATE TABLE certificate_admin_keys (
  instance TEXT NOT NULL REFERENCES instances (guid),
  -- IAM id.
  administrator TEXT NOT NULL,
  -- SHA-256 of the key, lower-case hexadecimal.
  key_id TEXT NOT NULL,
  -- SubjectPublicKeyInfo.
  public_key BLOB NOT NULL,
  created_at INTEGER NOT NULL,
  PRIMARY KEY (instance, administrator)
) STRICT, WITHOUT ROWID;

-- While an instance has one of these, its clients need a certificate that leads to one of them, whoever's it is. Without the
-- administrator's key they stay in force.
CREATE TABLE accepted_certificates (
  instance TEXT NOT NULL REFERENCES instances (guid),
  administrator TEXT NOT NULL,
  -- Chosen by the administrator.
  id TEXT NOT NULL,
  -- SHA-256 of the DER form, lower-case hexadecimal.
  fingerprint TEXT NOT NULL,
  -- DER.
  certificate BLOB NOT NULL,
  not_after INTEGER NOT NULL,
  -- When its end is to be told of next; none when all was told.
  due_at INTEGER,
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL,
  PRIMARY KEY (instance, administrator, id)
) STRICT, WITHOUT ROWID;
CREATE INDEX accepted_certificates_due ON accepted_certificates (due_at) WHERE due_at IS NOT NULL;

CREATE TRIGGER accepted_certificate_added AFTER INSERT ON accepted_certificates BEGIN
  UPDATE instances SET certificate_generation = certificate_generation + 1 WHERE guid = new.instance;
END;

CREATE TRIGGER accepted_certificate_replaced AFTER UPDATE OF certificate ON accepted_certificates BEGIN
  UPDATE instances SET certificate_generation = certificate_generation + 1 WHERE guid = new.instance;
END;

CREATE TRIGGER accepted_certificate_removed AFTER DELETE ON accepted_certificates BEGIN
  UPDATE instances SET certificate_generation = certificate_generation + 1 WHERE guid = old.instance;
END;

-- Nonces of signed commands, by the key that signed. They outlive the key: it may come back.
CREATE TABLE certificate_nonces (
  key_id TEXT NOT NULL,
  nonce TEXT NOT NULL,
  -- The time in the command: it could be fresh for five minutes from then.
  at INTEGER NOT NULL,
  PRIMARY KEY (key_id, nonce)
) STRICT, WITHOUT ROWID;
CREATE INDEX certificate_nonces_age ON certificate_nonces (at);

-- Kept for a day, so that a clock that is set back makes no command good again.
CREATE TRIGGER certificate_nonces_bounded AFTER INSERT ON certificate_nonces BEGIN
  DELETE FROM certificate_nonces WHERE at < new.at - 86400000;
END;
