-- When somebody last rotated a key by hand, which may be done once an hour; rotations by policy do not count.
ALTER TABLE keys ADD COLUMN rotated_by_hand_at INTEGER;

-- Who made the last rotation is not known any more: the hour that may be left of it is waited for.
UPDATE keys SET rotated_by_hand_at = rotated_at WHERE rotated_at IS NOT NULL;
