-- Every step rewrites its deployment's head. What is in an index costs most, so the order of 'maestro list' is that in which attempts were
-- opened, which a step does not change.
DROP INDEX deployment_head_updated;
DROP INDEX deployment_head_application;
ALTER TABLE deployment_head ADD COLUMN opened_at TEXT NOT NULL DEFAULT '';
UPDATE deployment_head SET opened_at = updated_at;
CREATE INDEX deployment_head_opened ON deployment_head (opened_at);
CREATE INDEX deployment_head_application ON deployment_head (application, opened_at);
