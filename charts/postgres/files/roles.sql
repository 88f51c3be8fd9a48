-- The roles and logins of Superbill. A superuser runs this file, any number of times; passwords are
-- set elsewhere. It is one statement, because CloudNativePG sends the file at once. The development
-- database runs it as well (api/cli/dev_postgres.py).
--
-- Settings belong to the role. A session's SET would reach another client through a transaction
-- pooler.
--
-- plan_cache_mode, jit: a generic plan uses the same index for every value, and is made once. By
-- default Postgres expects a page of unknown size to be a tenth of the table, and would plan or
-- compile each statement for longer than it runs.
-- timezone and others: what the API asks for when it connects (api/catalog/text_settings.py); here
-- for poolers that ignore such parameters. search_path: \d lists the reports.
-- log_min_messages: the message of a failed cast quotes the value, and a log in CSV format, as
-- CloudNativePG's is, has the row in DETAIL whatever log_error_verbosity is. The client still gets
-- every error of these logins; the log gets none.
--
-- superbill_gate: its members set in each transaction the identity that they act for
-- (schema/0013.identity.sql). No person belongs to it.
--
-- superbill_server, superbill_server_2: the API logs in as one of them. They are equal, and each
-- has a password of its own, so a password is changed by moving to the other login
-- (charts/README.md, "Passwords").

DO $$
DECLARE
    -- A group comes before its members.
    wanted CONSTANT text[] := ARRAY[
        'superbill_api NOLOGIN',
        'superbill_reporter NOLOGIN',
        'superbill_gate NOLOGIN NOINHERIT',
        'superbill_owner LOGIN CREATEROLE',
        'superbill_server LOGIN',
        'superbill_server_2 LOGIN',
        'superbill_psql LOGIN IN ROLE superbill_reporter'
    ];
    server_settings CONSTANT text[] := ARRAY[
        'statement_timeout = ''10s''',
        'idle_in_transaction_session_timeout = ''10s''',
        'lock_timeout = ''5s''',
        'bytea_output = ''hex''',
        'datestyle = ''ISO, MDY''',
        'extra_float_digits = 1',
        'intervalstyle = ''iso_8601''',
        'lc_monetary = ''C''',
        'timezone = ''UTC''',
        'plan_cache_mode = ''force_generic_plan''',
        'jit = ''off''',
        'log_min_messages = ''fatal'''
    ];
    role text;
    setting text;
BEGIN
    FOREACH role IN ARRAY wanted LOOP
        IF to_regrole(split_part(role, ' ', 1)) IS NULL THEN
            EXECUTE 'CREATE ROLE ' || role;
        END IF;
    END LOOP;
    ALTER ROLE superbill_owner CREATEROLE;
    ALTER ROLE superbill_owner SET log_min_messages = 'fatal';
    -- The owner's migrations and `superbill grant` pass these roles on; the owner has none of their
    -- privileges by that.
    GRANT superbill_api, superbill_reporter, superbill_gate TO superbill_owner
    WITH ADMIN TRUE, INHERIT FALSE, SET FALSE;
    FOREACH role IN ARRAY ARRAY['superbill_server', 'superbill_server_2'] LOOP
        -- It can do nothing as itself: it says for whom it acts in each transaction.
        EXECUTE 'GRANT superbill_api TO ' || role || ' WITH INHERIT FALSE, SET TRUE';
        EXECUTE 'GRANT superbill_gate TO ' || role || ' WITH INHERIT TRUE, SET TRUE';
        FOREACH setting IN ARRAY server_settings LOOP
            EXECUTE 'ALTER ROLE ' || role || ' SET ' || setting;
        END LOOP;
    END LOOP;
    ALTER ROLE superbill_psql SET statement_timeout = '60s';
    ALTER ROLE superbill_psql SET search_path = reporting;
    ALTER ROLE superbill_psql SET log_min_messages = 'fatal';
END
$$;
