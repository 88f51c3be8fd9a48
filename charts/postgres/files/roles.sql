-- The roles and logins of Superbill, for a superuser; it may run any number of times. Passwords come from elsewhere.
-- One statement, as CloudNativePG sends the file at once. The development database runs it too (api/cli/dev_postgres.py).
--
-- Settings are the role's and not a session's SET, which a transaction pooler would hand on to the next client.
-- Each statement is planned once: its plan is the same index for any value, but Postgres, which takes a page of unknown
-- size for a tenth of the table, would sooner plan it again each time, for longer than it takes to run, or compile it.
-- iso_8601 is what JSON Schema calls a duration; with the search path \d lists the reports. A cast's error quotes its
-- value in the message, and a log written as CSV, as CloudNativePG's is, has the row in DETAIL whatever
-- log_error_verbosity says: of these logins' errors, which each of them is told, none goes into Postgres's log.

DO $$
DECLARE
    -- A group stands before its members.
    wanted CONSTANT text[] := ARRAY[
        'superbill_api NOLOGIN',
        'superbill_reporter NOLOGIN',
        'superbill_owner LOGIN CREATEROLE',
        'superbill_server LOGIN IN ROLE superbill_api',
        'superbill_psql LOGIN IN ROLE superbill_reporter'
    ];
    role text;
BEGIN
    FOREACH role IN ARRAY wanted LOOP
        IF to_regrole(split_part(role, ' ', 1)) IS NULL THEN
            EXECUTE 'CREATE ROLE ' || role;
        END IF;
    END LOOP;
    ALTER ROLE superbill_owner CREATEROLE;
    ALTER ROLE superbill_owner SET log_min_messages = 'fatal';
    GRANT superbill_api TO superbill_server;
    ALTER ROLE superbill_server SET statement_timeout = '10s';
    ALTER ROLE superbill_server SET idle_in_transaction_session_timeout = '10s';
    ALTER ROLE superbill_server SET lock_timeout = '5s';
    ALTER ROLE superbill_server SET intervalstyle = 'iso_8601';
    ALTER ROLE superbill_server SET plan_cache_mode = 'force_generic_plan';
    ALTER ROLE superbill_server SET jit = 'off';
    ALTER ROLE superbill_server SET log_min_messages = 'fatal';
    ALTER ROLE superbill_psql SET statement_timeout = '60s';
    ALTER ROLE superbill_psql SET search_path = reporting;
    ALTER ROLE superbill_psql SET log_min_messages = 'fatal';
END
$$;
