-- Roles of PostgreSQL for casereader: once, as the superuser, connected to the database `postgres`.
--   psql --variable=ON_ERROR_STOP=1 --file=docs/deployment/postgresql.sql
-- The owner makes and upgrades the tables; the program runs as a role that may not change what is written once.
-- Give both a password afterwards with \password, which sends no password in clear and writes none to a log.

CREATE ROLE casereader_owner LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE;
CREATE ROLE casereader_app LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE CONNECTION LIMIT 80;

CREATE DATABASE casereader OWNER casereader_owner ENCODING 'UTF8' TEMPLATE template0;
REVOKE ALL ON DATABASE casereader FROM PUBLIC;  -- CONNECT, and TEMP: a table of the same name hides the real one
GRANT CONNECT ON DATABASE casereader TO casereader_app;

\connect casereader
REVOKE ALL ON SCHEMA public FROM PUBLIC;
ALTER SCHEMA public OWNER TO casereader_owner;
GRANT USAGE ON SCHEMA public TO casereader_app;

-- Acknowledged is kept: these are PostgreSQL's defaults, and no host's configuration may turn them off here.
ALTER ROLE casereader_app IN DATABASE casereader SET synchronous_commit = on;
ALTER ROLE casereader_app IN DATABASE casereader SET search_path = public;

-- Then, as the owner: `database upgrade` and `database grants --to casereader_app` (docs/deployment.md).
