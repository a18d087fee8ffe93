-- What nbrunbook's schema 2 is, as pg_dump tells it.
CREATE FUNCTION nbrunbook_close() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $_$ BEGIN EXECUTE format('DELETE FROM %I.open_runbook WHERE runbook = $1', TG_TABLE_SCHEMA) USING NEW.runbook; RETURN NULL; END $_$;
CREATE FUNCTION nbrunbook_open() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $_$ BEGIN EXECUTE format('INSERT INTO %I.open_runbook (runbook) VALUES ($1) ON CONFLICT DO NOTHING', TG_TABLE_SCHEMA) USING CASE TG_TABLE_NAME WHEN 'runbook' THEN to_jsonb(NEW) ->> 'digest' ELSE to_jsonb(NEW) ->> 'runbook' END; RETURN NULL; END $_$;
CREATE FUNCTION nbrunbook_refuse() RETURNS trigger
    LANGUAGE plpgsql
    AS $$ BEGIN RAISE EXCEPTION 'nbrunbook: % is append-only', TG_TABLE_NAME USING ERRCODE = 'restrict_violation'; END $$;
CREATE FUNCTION nbrunbook_session_user() RETURNS trigger
    LANGUAGE plpgsql
    AS $$ BEGIN NEW."session_user" := session_user; RETURN NEW; END $$;
CREATE TABLE blob (
    sha256 text NOT NULL,
    content bytea NOT NULL
);
CREATE TABLE event (
    id text NOT NULL,
    runbook text NOT NULL,
    seq integer NOT NULL,
    kind text NOT NULL,
    body text NOT NULL,
    hash text NOT NULL,
    "session_user" text,
    CONSTRAINT event_seq_positive CHECK ((seq > 0))
);
CREATE TABLE event_data (
    event text NOT NULL,
    salt text,
    data text
);
CREATE TABLE open_runbook (
    runbook text NOT NULL
);
CREATE TABLE plan (
    digest text NOT NULL,
    body text NOT NULL
);
CREATE TABLE runbook (
    digest text NOT NULL,
    project text NOT NULL,
    key text NOT NULL,
    release text NOT NULL,
    environment text NOT NULL,
    plan text NOT NULL,
    body text NOT NULL
);
CREATE TABLE schema_version (
    version integer NOT NULL
);
ALTER TABLE ONLY blob
    ADD CONSTRAINT blob_pkey PRIMARY KEY (sha256);
ALTER TABLE ONLY event_data
    ADD CONSTRAINT event_data_pkey PRIMARY KEY (event);
ALTER TABLE ONLY event
    ADD CONSTRAINT event_pkey PRIMARY KEY (id);
ALTER TABLE ONLY event
    ADD CONSTRAINT event_seq UNIQUE (runbook, seq);
ALTER TABLE ONLY open_runbook
    ADD CONSTRAINT open_runbook_pkey PRIMARY KEY (runbook);
ALTER TABLE ONLY plan
    ADD CONSTRAINT plan_pkey PRIMARY KEY (digest);
ALTER TABLE ONLY runbook
    ADD CONSTRAINT runbook_key UNIQUE (project, key);
ALTER TABLE ONLY runbook
    ADD CONSTRAINT runbook_pkey PRIMARY KEY (digest);
ALTER TABLE ONLY schema_version
    ADD CONSTRAINT schema_version_pkey PRIMARY KEY (version);
CREATE INDEX event_life_of ON event USING btree (runbook, seq) WHERE (kind = ANY (ARRAY['signed_off'::text, 'reopened'::text, 'abandoned'::text, 'skipped'::text]));
CREATE INDEX runbook_deployment ON runbook USING btree (project, environment, release);
CREATE TRIGGER blob_no_delete BEFORE DELETE ON blob FOR EACH STATEMENT EXECUTE FUNCTION nbrunbook_refuse();
CREATE TRIGGER blob_no_truncate BEFORE TRUNCATE ON blob FOR EACH STATEMENT EXECUTE FUNCTION nbrunbook_refuse();
CREATE TRIGGER blob_no_update BEFORE UPDATE ON blob FOR EACH ROW WHEN (((length(new.content) > 0) OR (new.sha256 <> old.sha256))) EXECUTE FUNCTION nbrunbook_refuse();
CREATE TRIGGER event_data_no_delete BEFORE DELETE ON event_data FOR EACH STATEMENT EXECUTE FUNCTION nbrunbook_refuse();
CREATE TRIGGER event_data_no_truncate BEFORE TRUNCATE ON event_data FOR EACH STATEMENT EXECUTE FUNCTION nbrunbook_refuse();
CREATE TRIGGER event_data_no_update BEFORE UPDATE ON event_data FOR EACH ROW WHEN (((new.data IS NOT NULL) OR (new.salt IS NOT NULL) OR (new.event <> old.event))) EXECUTE FUNCTION nbrunbook_refuse();
CREATE TRIGGER event_no_delete BEFORE DELETE ON event FOR EACH STATEMENT EXECUTE FUNCTION nbrunbook_refuse();
CREATE TRIGGER event_no_truncate BEFORE TRUNCATE ON event FOR EACH STATEMENT EXECUTE FUNCTION nbrunbook_refuse();
CREATE TRIGGER event_no_update BEFORE UPDATE ON event FOR EACH STATEMENT EXECUTE FUNCTION nbrunbook_refuse();
CREATE TRIGGER event_session_user BEFORE INSERT ON event FOR EACH ROW EXECUTE FUNCTION nbrunbook_session_user();
CREATE TRIGGER open_runbook_closed AFTER INSERT ON event FOR EACH ROW WHEN (((new.kind = ANY (ARRAY['signed_off'::text, 'abandoned'::text])) OR ((new.kind = 'skipped'::text) AND (((new.body)::jsonb ->> 'step'::text) = ''::text)))) EXECUTE FUNCTION nbrunbook_close();
CREATE TRIGGER open_runbook_made AFTER INSERT ON runbook FOR EACH ROW EXECUTE FUNCTION nbrunbook_open();
CREATE TRIGGER open_runbook_reopened AFTER INSERT ON event FOR EACH ROW WHEN ((new.kind = 'reopened'::text)) EXECUTE FUNCTION nbrunbook_open();
CREATE TRIGGER plan_no_delete BEFORE DELETE ON plan FOR EACH STATEMENT EXECUTE FUNCTION nbrunbook_refuse();
CREATE TRIGGER plan_no_truncate BEFORE TRUNCATE ON plan FOR EACH STATEMENT EXECUTE FUNCTION nbrunbook_refuse();
CREATE TRIGGER plan_no_update BEFORE UPDATE ON plan FOR EACH STATEMENT EXECUTE FUNCTION nbrunbook_refuse();
CREATE TRIGGER runbook_no_delete BEFORE DELETE ON runbook FOR EACH STATEMENT EXECUTE FUNCTION nbrunbook_refuse();
CREATE TRIGGER runbook_no_truncate BEFORE TRUNCATE ON runbook FOR EACH STATEMENT EXECUTE FUNCTION nbrunbook_refuse();
CREATE TRIGGER runbook_no_update BEFORE UPDATE ON runbook FOR EACH STATEMENT EXECUTE FUNCTION nbrunbook_refuse();
CREATE TRIGGER schema_version_no_delete BEFORE DELETE ON schema_version FOR EACH STATEMENT EXECUTE FUNCTION nbrunbook_refuse();
CREATE TRIGGER schema_version_no_truncate BEFORE TRUNCATE ON schema_version FOR EACH STATEMENT EXECUTE FUNCTION nbrunbook_refuse();
CREATE TRIGGER schema_version_no_update BEFORE UPDATE ON schema_version FOR EACH STATEMENT EXECUTE FUNCTION nbrunbook_refuse();
ALTER TABLE ONLY event_data
    ADD CONSTRAINT event_data_event_fkey FOREIGN KEY (event) REFERENCES event(id);
ALTER TABLE ONLY event
    ADD CONSTRAINT event_runbook_fkey FOREIGN KEY (runbook) REFERENCES runbook(digest);
ALTER TABLE ONLY open_runbook
    ADD CONSTRAINT open_runbook_runbook_fkey FOREIGN KEY (runbook) REFERENCES runbook(digest);
ALTER TABLE ONLY runbook
    ADD CONSTRAINT runbook_plan_fkey FOREIGN KEY (plan) REFERENCES plan(digest);
