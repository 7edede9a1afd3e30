-- An empty database for the roles of postgresql.sql, as the superuser: the first, and each into which one is restored.
--   psql --set=ON_ERROR_STOP=1 --set=database=casereader_restored --file=docs/deployment/database.sql

CREATE DATABASE :"database" OWNER casereader_owner ENCODING 'UTF8' TEMPLATE template0;
REVOKE ALL ON DATABASE :"database" FROM PUBLIC;  -- CONNECT, and TEMP: a table of the same name hides the real one
GRANT CONNECT ON DATABASE :"database" TO casereader_app;

\connect :"database"
REVOKE ALL ON SCHEMA public FROM PUBLIC;
ALTER SCHEMA public OWNER TO casereader_owner;
GRANT USAGE ON SCHEMA public TO casereader_app;

-- Acknowledged is kept: these are PostgreSQL's defaults, and no host's configuration may turn them off here.
ALTER ROLE casereader_app IN DATABASE :"database" SET synchronous_commit = on;
ALTER ROLE casereader_app IN DATABASE :"database" SET search_path = public;
