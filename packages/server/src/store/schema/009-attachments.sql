-- Lists too long for an entry: committed with the event that names them by their SHA-256, handed over with it.

CREATE TABLE outbox_attachments (
  number INTEGER NOT NULL,
  sha256 TEXT NOT NULL,
  content BLOB NOT NULL,
  PRIMARY KEY (number, sha256)
) STRICT;
