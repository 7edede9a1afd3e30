-- Draws a sample again from its certificate and the list, in DuckDB 1.2 or newer. Before it, load both:
--
--     CREATE TABLE listed AS                                -- the stratum as the certificate labels it
--         SELECT stratum, case_ref FROM read_csv('list.csv', all_varchar = true);
--     CREATE TABLE certificate AS SELECT content::JSON AS body FROM read_text('certificate.json');
--
-- The result has one row for each difference; no row: verified. Selection by tickets that avoids no earlier draw.
WITH counted AS (
    SELECT unnest(from_json(body -> 'strata_counts',
        '[{"stratum": "VARCHAR", "sample_size": "BIGINT", "reserve": "BIGINT"}]')) AS part
    FROM certificate
),
plan AS (
    SELECT part.stratum AS stratum, part.sample_size AS n, part.reserve AS r FROM counted
),
ticketed AS (
    -- The seed is taken from the certificate once, not for every case.
    SELECT stratum, case_ref, sha256((SELECT body ->> 'seed' FROM certificate) || '|' || case_ref) AS ticket
    FROM listed
),
ranked AS (
    SELECT *, row_number() OVER (PARTITION BY stratum ORDER BY ticket, case_ref) AS place FROM ticketed
),
drawn AS (
    SELECT stratum, case_ref, ticket, place, CASE WHEN place <= n THEN 'main' ELSE 'reserve' END AS role
    FROM ranked JOIN plan USING (stratum)
    WHERE place <= n + r
),
listed_cases AS (
    SELECT unnest(from_json(body -> 'cases', '[{"stratum": "VARCHAR", "case_ref": "VARCHAR", "ticket": "VARCHAR",
        "order": "BIGINT", "role": "VARCHAR"}]')) AS part
    FROM certificate
),
stated AS (
    SELECT part.stratum AS stratum, part.case_ref AS case_ref, part.ticket AS ticket, part."order" AS place,
        part.role AS role
    FROM listed_cases
),
digest AS (
    SELECT sha256(string_agg(line, '' ORDER BY line)) AS frame_digest
    FROM (SELECT stratum || chr(9) || case_ref || chr(10) AS line FROM listed)
)
SELECT 'digest of the list' AS differs, frame_digest AS found, body ->> 'frame_digest' AS stated
FROM digest, certificate
WHERE frame_digest <> (body ->> 'frame_digest')
UNION ALL
SELECT 'only in the certificate', missing.case_ref, missing.stratum
FROM (SELECT * FROM stated EXCEPT ALL SELECT stratum, case_ref, ticket, place, role FROM drawn) AS missing
UNION ALL
SELECT 'only when drawn again', added.case_ref, added.stratum
FROM (SELECT stratum, case_ref, ticket, place, role FROM drawn EXCEPT ALL SELECT * FROM stated) AS added;
