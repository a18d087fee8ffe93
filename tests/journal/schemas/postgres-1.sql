-- Takes an empty schema 2 in PostgreSQL back to what schema 1 would have been there.
DROP TABLE runner;
DROP TABLE board;
DROP TABLE run;
ALTER TABLE schema_version DROP COLUMN needs;
DROP TABLE open_runbook;
DROP TRIGGER open_runbook_made ON runbook;
DROP TRIGGER open_runbook_closed ON event;
DROP TRIGGER open_runbook_reopened ON event;
DROP FUNCTION nbrunbook_open;
DROP FUNCTION nbrunbook_close;
DROP INDEX event_life_of;
DROP INDEX runbook_deployment;
CREATE INDEX event_life ON event (runbook, seq) WHERE kind IN ('signed_off', 'reopened', 'abandoned', 'archived');
DROP TRIGGER blob_no_update ON blob;
CREATE TRIGGER blob_no_update BEFORE UPDATE ON blob FOR EACH STATEMENT EXECUTE FUNCTION nbrunbook_refuse();
