-- What each login's secret says is its password, and whose the database is; for psql, as a superuser.

\getenv owner_password OWNER_PASSWORD
\getenv server_password SERVER_PASSWORD

ALTER ROLE superbill_owner PASSWORD :'owner_password';
ALTER ROLE superbill_server PASSWORD :'server_password';
ALTER DATABASE superbill OWNER TO superbill_owner;
