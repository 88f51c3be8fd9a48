-- Sets the password of each login from its secret, and the owner of the database; a superuser runs
-- it in psql. Pods that start from now on log in as SERVER_LOGIN; the API's other login is that of
-- the pods that still run. Its password is valid for one hour more, in which these pods are
-- replaced.

\getenv owner_password OWNER_PASSWORD
\getenv server_login SERVER_LOGIN
\getenv server_password SERVER_PASSWORD

ALTER ROLE superbill_owner PASSWORD :'owner_password';
ALTER ROLE :"server_login" PASSWORD :'server_password' VALID UNTIL 'infinity';
SELECT format('ALTER ROLE %I VALID UNTIL %L', rolname, now() + interval '1 hour')
FROM pg_authid
WHERE
    rolname IN ('superbill_server', 'superbill_server_2') AND rolname <> :'server_login'
    AND coalesce(rolvaliduntil, 'infinity') = 'infinity' AND rolpassword IS NOT NULL
\gexec
ALTER DATABASE superbill OWNER TO superbill_owner;
