-- Roles of PostgreSQL for casereader, and its database: once, as the superuser, connected to the database `postgres`.
--   psql --set=ON_ERROR_STOP=1 --file=docs/deployment/postgresql.sql
-- The owner makes, upgrades, backs up and restores the tables; the program runs as a role that may not change what is
-- written once. The owner may make databases, because a backup is checked by restoring it into one beside the real one.
-- Give both a password afterwards with \password, which sends no password in clear and writes none to a log.

CREATE ROLE casereader_owner LOGIN NOSUPERUSER CREATEDB NOCREATEROLE;
CREATE ROLE casereader_app LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE CONNECTION LIMIT 80;

\set database casereader
\ir database.sql

-- Then, as the owner: `database upgrade` and `database grants --to casereader_app` (docs/deployment.md).
