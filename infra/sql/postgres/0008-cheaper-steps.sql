-- Every step rewrites its deployment's head. PostgreSQL leaves the indexes alone as long as nothing changes that is in one, so the order of
-- 'maestro list' is that in which attempts were opened, which a step does not change.
DROP INDEX deployment_head_updated;
DROP INDEX deployment_head_application;
ALTER TABLE deployment_head ADD COLUMN opened_at TEXT COLLATE "C" NOT NULL DEFAULT '';
UPDATE deployment_head SET opened_at = updated_at;
ALTER TABLE deployment_head ALTER COLUMN opened_at DROP DEFAULT;
CREATE INDEX deployment_head_opened ON deployment_head (opened_at);
CREATE INDEX deployment_head_application ON deployment_head (application, opened_at);

-- A fact of the log is named by its entry's number, which the log gives once, and the ledger has each name once: a third index says nothing new.
ALTER TABLE ledger_outbox DROP CONSTRAINT ledger_outbox_key_key;
