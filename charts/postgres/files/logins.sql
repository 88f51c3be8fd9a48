-- Sets the password of each login from its secret, and the owner of the database; a superuser runs it in psql.

\getenv owner_password OWNER_PASSWORD
\getenv server_password SERVER_PASSWORD

ALTER ROLE superbill_owner PASSWORD :'owner_password';
ALTER ROLE superbill_server PASSWORD :'server_password';
ALTER DATABASE superbill OWNER TO superbill_owner;
