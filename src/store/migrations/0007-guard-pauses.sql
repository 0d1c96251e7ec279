-- The guard by which a source rests until a person agrees or the reason is gone; null: it rests by a person's wish.
ALTER TABLE pauses ADD COLUMN guard TEXT;
