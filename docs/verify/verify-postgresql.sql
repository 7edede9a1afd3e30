-- Draws a sample again from its certificate and the list, in PostgreSQL 11 or newer. Before it, load both:
--
--     CREATE TABLE listed (stratum text, case_ref text);   -- the stratum as the certificate labels it
--     \copy listed FROM 'list.csv' (FORMAT csv, HEADER)
--     CREATE TABLE certificate (body jsonb);
--     \set paper `cat certificate.json`
--     INSERT INTO certificate VALUES (:'paper');
--
-- The result has one row for each difference; no row: verified. Selection by tickets that avoids no earlier draw.
WITH plan AS (
    SELECT sizes.key AS stratum, sizes.value::int AS n, (body -> 'plan' -> 'reserves' ->> sizes.key)::int AS r
    FROM certificate, jsonb_each_text(body -> 'plan' -> 'sizes') AS sizes
    OFFSET 0  -- worked out once for each stratum, not for every case
),
ticketed AS (
    -- The seed is taken from the certificate once, not for every case.
    SELECT stratum, case_ref,
        encode(sha256(convert_to((SELECT body ->> 'seed' FROM certificate) || '|' || case_ref, 'UTF8')), 'hex') AS ticket
    FROM listed
),
ranked AS (
    SELECT *, row_number() OVER (
        PARTITION BY stratum ORDER BY ticket COLLATE "C", case_ref COLLATE "C"
    ) AS place
    FROM ticketed
),
drawn AS (
    SELECT stratum, case_ref, ticket, place, CASE WHEN place <= n THEN 'main' ELSE 'reserve' END AS role
    FROM ranked JOIN plan USING (stratum)
    WHERE place <= n + r
),
stated AS (
    SELECT each ->> 'stratum' AS stratum, each ->> 'case_ref' AS case_ref, each ->> 'ticket' AS ticket,
        (each ->> 'order')::bigint AS place, each ->> 'role' AS role
    FROM certificate, jsonb_array_elements(body -> 'cases') AS each
),
digest AS (
    SELECT encode(sha256(convert_to(string_agg(
        stratum || chr(9) || case_ref || chr(10), '' ORDER BY (stratum || chr(9) || case_ref || chr(10)) COLLATE "C"
    ), 'UTF8')), 'hex') AS frame_digest
    FROM listed
)
SELECT 'digest of the list' AS differs, frame_digest AS found, body ->> 'frame_digest' AS stated
FROM digest, certificate
WHERE frame_digest <> body ->> 'frame_digest'
UNION ALL
SELECT 'only in the certificate', missing.case_ref, missing.stratum
FROM (SELECT * FROM stated EXCEPT ALL SELECT stratum, case_ref, ticket, place, role FROM drawn) AS missing
UNION ALL
SELECT 'only when drawn again', added.case_ref, added.stratum
FROM (SELECT stratum, case_ref, ticket, place, role FROM drawn EXCEPT ALL SELECT * FROM stated) AS added;
