{#- Named queries that several panels share. `${embargo}` keeps the last hours of openings out of every panel: more of
    them if a reader wishes, never fewer, whatever an address says. -#}

{%- macro limit() -%} (now() - greatest(interval '{{ EMBARGO }}', interval '${embargo}')) {%- endmacro -%}

{%- macro names() -%}
names AS MATERIALIZED (
  SELECT target, zone, departement, prefecture, demarche, {{ told_apart }} AS guichet
  FROM (
    SELECT t.target, v.zone, v.content->>'departement' AS departement, v.content->>'prefecture' AS prefecture,
      v.content->>'demarche' AS demarche, {{ words }} AS words
    FROM targets t JOIN target_versions v ON v.id = t.version_id
    WHERE '${nature}'::boolean = coalesce(
      (SELECT e.simulated FROM entries e WHERE e.target = t.target ORDER BY e.at DESC LIMIT 1), false)
  ) AS known
)
{%- endmacro -%}

{#- A day is shown when it has been over for the embargo in every zone, ten hours west of Greenwich included;
    whatever the zone of the session. -#}
{%- macro over() -%} (({{ limit() }} - interval '10 hours') AT TIME ZONE 'UTC')::date {%- endmacro -%}

{%- macro shown_days() -%}
d.origin = 'scheduled' AND d.day BETWEEN $__timeFrom()::date AND $__timeTo()::date AND d.day < {{ over() }}
{%- endmacro -%}

{%- macro counted() -%}
sum(d.n) AS scheduled, count(DISTINCT d.day) AS days, max(d.day) - min(d.day) + 1 AS span,
    coalesce(sum(d.n) FILTER (WHERE d.kind = 'observation'), 0) AS executed,
    coalesce(sum(d.n) FILTER (
      WHERE d.kind = 'observation' AND d.result IN ('slots_offered', 'no_slots')), 0) AS conclusive,
    coalesce(sum(d.n) FILTER (WHERE d.kind = 'observation' AND d.result = 'no_slots'), 0) AS zeros,
    coalesce(sum(d.n) FILTER (WHERE d.kind = 'observation' AND d.result = 'unrecognised'), 0) AS unknown
{%- endmacro -%}

{#- Numerators and denominators of every chosen target, in all or by `key`. Target by target, by its index:
    the roll-ups of all targets together are too many to scan. -#}
{#- With `drawn`, the shortest and longest interval as well: the bound holds for equal ones only. A draw is of a UTC
    day, whose instants lie on the local days beside it, too: its own week is that of one of them. -#}
{%- macro counts(where, key="", drawn=false) -%}
{{ names() }},
{% if drawn -%}
drawn AS MATERIALIZED (
  SELECT target{{ ", " ~ key if key }}, min(interval_s) AS shortest, max(interval_s) AS longest
  FROM (
    SELECT target, day{{ " + beside AS day" if key }}, interval_s
    FROM draws{{ " CROSS JOIN (VALUES (-1), (1)) AS b(beside)" if key }}
    WHERE day BETWEEN $__timeFrom()::date - 1 AND $__timeTo()::date + 1
  ) AS d GROUP BY 1{{ ", 2" if key }}
),
{% endif -%}
counts AS (
  SELECT n.target, n.guichet, n.departement, c.*{{ ", w.shortest, w.longest" if drawn }}
  FROM names n CROSS JOIN LATERAL (
    SELECT {{ key ~ ", " if key }}{{ counted() }}
    FROM day_tallies d WHERE d.target = n.target AND {{ shown_days() }} {{ "GROUP BY 1" if key }}
  ) AS c{{ " LEFT JOIN drawn w ON w.target = n.target" ~ (" AND w.monday = c.monday" if key) if drawn }}
  WHERE c.scheduled > 0 AND {{ where }}
)
{%- endmacro -%}

{#- A share in words: 100 % only when every attempt was a zero, 0 % only when none was. -#}
{%- macro percent() -%}
CASE WHEN zeros = conclusive THEN '100 %' WHEN zeros = 0 THEN '0 %'
    ELSE least(99, greatest(1, round(100 * (zeros::float8 / conclusive)))) || ' %' END
{%- endmacro -%}

{#- The words for a stored name; a name without words stays. -#}
{%- macro told(column, words) -%}
CASE {{ column }}{% for name, text in words.items() %} WHEN '{{ name }}' THEN '{{ text | replace("'", "''") }}'{% endfor %} ELSE {{ column }} END
{%- endmacro -%}

{#- All that was scheduled, and each part of it, from counts `n` by `part`. -#}
{%- macro told_parts() -%}
sum(n)::bigint AS "n programmées"
  {%- for part, label in PARTS.items() %},
  coalesce(sum(n) FILTER (WHERE part = '{{ part }}'), 0)::bigint AS "{{ label }}"
  {%- endfor %}
{%- endmacro -%}

{%- macro sums(drawn=false) -%}
{{ "min(shortest) AS shortest, max(longest) AS longest, " if drawn }}sum(days) AS days, sum(span) AS span,
    sum(scheduled)::bigint AS scheduled, sum(executed)::bigint AS executed,
    sum(conclusive)::bigint AS conclusive, sum(zeros)::bigint AS zeros, sum(unknown)::bigint AS unknown
{%- endmacro -%}

{#- Whether instants were drawn on enough of the days. -#}
{%- macro drawn_days(days, lasted) -%} {{ days }} * 10 >= {{ lasted }} * {{ DRAWN_DAYS_OF_TEN }} {%- endmacro -%}

{#- Whether a share may be shown; of a whole period only if instants were drawn on enough of its days. -#}
{%- macro guard(least, whole=false) -%}
coalesce(executed::float8 / nullif(scheduled, 0) >= {{ COVERAGE }}
      AND conclusive::float8 / nullif(executed, 0) >= {{ CONCLUSIVE }} AND conclusive >= {{ least }}
      {{- " AND " ~ drawn_days("days", "span") if whole }}, false)
{%- endmacro -%}

{%- macro share(least, whole=false) -%}
CASE WHEN {{ guard(least, whole) }} THEN zeros::float8 / conclusive END
{%- endmacro -%}

{%- macro bound(whole=false) -%}
CASE WHEN {{ guard(1, whole) }} AND zeros = conclusive AND shortest IS NOT DISTINCT FROM longest
    THEN ceil((1 - power({{ MISS }}::float8, 1 / conclusive::float8)) * {{ GRAIN }}) / {{ GRAIN }} END
{%- endmacro -%}

{%- macro ratios() -%}
executed::float8 / nullif(scheduled, 0) AS "couverture",
  conclusive::float8 / nullif(executed, 0) AS "exploitables"
{%- endmacro -%}

{%- macro reserve(least, whole=false) -%}
CASE WHEN {{ guard(least, whole) }} THEN 'aucune' ELSE 'données insuffisantes' END AS "réserve"
{%- endmacro -%}

{%- macro week(day) -%} date_trunc('week', {{ day }}::timestamp) {%- endmacro -%}

{#- The instants of one target, with its zone, local days and the reading in force: the newest one. -#}
{%- macro instants(target="${target:sqlstring}", name="instants", origins="'scheduled'") -%}
{{ name }} AS (
  SELECT e.id, e.at, e.day, v.zone, o.started_at AS began, o.finished_at AS ended, s.outcome, g.reason,
    s.outcome = 'no_slots' AS zero, coalesce(s.outcome IN ('slots_offered', 'no_slots'), false) AS conclusive,
    (s.earliest_at AT TIME ZONE v.zone)::date AS first_day, (s.second_at AT TIME ZONE v.zone)::date AS second_day,
    s.rule, s.words, s.failure
  FROM entries e JOIN targets t ON t.target = e.target JOIN target_versions v ON v.id = t.version_id
  LEFT JOIN observations o ON o.id = e.id LEFT JOIN gaps g ON g.id = e.id
  LEFT JOIN rereadings r ON r.observation_id = o.id
    AND NOT EXISTS (SELECT FROM rereadings n WHERE n.observation_id = r.observation_id AND n.id > r.id)
  LEFT JOIN LATERAL (
    SELECT r.outcome, r.earliest_at, r.second_at, r.rule, r.words, r.failure WHERE r.id IS NOT NULL
    UNION ALL
    SELECT o.outcome, o.earliest_at, o.second_at, o.rule, o.words, o.failure WHERE r.id IS NULL
  ) AS s ON true
  WHERE e.target = {{ target }} AND $__timeFilter(e.at) AND e.at < {{ limit() }}
    AND coalesce(o.origin, 'scheduled') IN ({{ origins }})
)
{%- endmacro -%}

{#- Whether figures made from rows may be shown. -#}
{%- macro enough(least) -%}
enough AS (
  SELECT {{ guard(least, true) }} AS ok FROM (
    SELECT count(DISTINCT day) AS days, max(day) - min(day) + 1 AS span, count(*) AS scheduled,
      count(outcome) AS executed, count(*) FILTER (WHERE conclusive) AS conclusive
    FROM instants
  ) AS c
)
{%- endmacro -%}

{%- macro looks() -%}
drawn AS (
  SELECT day, interval_s, max(interval_s) FILTER (WHERE day BETWEEN $__timeFrom()::date AND $__timeTo()::date) OVER ()
    AS longest
  FROM draws WHERE target = ${target:sqlstring}
    AND day BETWEEN $__timeFrom()::date - 1 AND $__timeTo()::date + 1
),
looks AS (
  SELECT i.at, i.began, i.ended, i.zero,
    {{ HOLE }} * make_interval(secs => coalesce(d.interval_s, (SELECT longest FROM drawn LIMIT 1), 3600)) AS hole
  FROM instants i LEFT JOIN drawn d ON d.day = (i.at AT TIME ZONE 'UTC')::date WHERE i.conclusive
)
{%- endmacro -%}

{#- Whether nothing vouches for the time from the attempt before, over the window `o`. -#}
{%- macro silence() -%} began - lag(ended) OVER o > least(hole, lag(hole) OVER o) {%- endmacro -%}

{#- Runs of attempts that all saw slots, each with its bounds in seconds; `most` is NULL without a zero on both sides. -#}
{%- macro openings() -%}
beside AS (
  SELECT *, lag(zero) OVER o AS zero_before, lag(began) OVER o AS began_before, {{ silence() }} AS silence,
    lead(zero) OVER o AS zero_after, lead(ended) OVER o AS ended_after
  FROM looks WINDOW o AS (ORDER BY at)
),
offered AS (
  SELECT b.*, sum((zero_before IS NOT FALSE OR silence)::int) OVER (ORDER BY at) AS run
  FROM beside b WHERE NOT zero
),
runs AS (
  SELECT min(ended) AS first, max(ended) AS last, count(*) AS n,
    greatest(max(began) - min(ended), interval '0') AS least,
    (array_agg(CASE WHEN zero_before THEN began_before END ORDER BY at))[1] AS zero_at,
    (array_agg(CASE WHEN zero_after THEN ended_after END ORDER BY at DESC))[1] AS zero_again
  FROM offered GROUP BY run
),
openings AS (
  SELECT first, last, n, extract(epoch FROM least)::float8 AS least,
    extract(epoch FROM zero_again - zero_at)::float8 AS most
  FROM runs
)
{%- endmacro -%}

{#- Attempts at a target and its control, each used once with its nearest in time, ten minutes apart at most. -#}
{%- macro pairs() -%}
{{ instants("${porte1:sqlstring}", "ici") }},
{{ instants("${porte2:sqlstring}", "ailleurs", "'scheduled', 'control'") }},
looks AS (
  SELECT began, day, zero, true AS here FROM ici WHERE conclusive
  UNION ALL SELECT began, day, zero, false FROM ailleurs WHERE conclusive
),
around AS (
  SELECT began, day, zero, here,
    max(began) FILTER (WHERE NOT here) OVER (ORDER BY began) AS earlier,
    min(began) FILTER (WHERE NOT here) OVER (ORDER BY began DESC) AS later
  FROM looks
),
nearest AS (
  SELECT began, day, zero,
    CASE WHEN earlier IS NULL OR later - began <= began - earlier THEN later ELSE earlier END AS other
  FROM around WHERE here
),
pairs AS (
  SELECT DISTINCT ON (n.other) n.began, n.day, n.zero AS here_zero, o.zero AS there_zero
  FROM nearest n JOIN looks o ON NOT o.here AND o.began = n.other
  WHERE greatest(n.began - n.other, n.other - n.began) <= interval '{{ APART }} seconds'
  ORDER BY n.other, greatest(n.began - n.other, n.other - n.began), n.began
)
{%- endmacro -%}

{#- Equal windows around one event, for the target and its controls. -#}
{%- macro windows() -%}
{{ names() }},
event AS (SELECT * FROM events WHERE id = ${decision:sqlstring}),
windows AS (
  SELECT 'avant' AS period, day - 7 * ${semaines} AS first, day - 1 AS last FROM event
  UNION ALL
  SELECT 'après', coalesce(complied, day), coalesce(complied, day) + 7 * ${semaines} - 1 FROM event
),
chosen AS (
  SELECT *, target = ${target:sqlstring} AS asked FROM names
  WHERE target = ${target:sqlstring} OR target IN (${temoins:sqlstring})
),
days AS (
  SELECT c.guichet, c.asked, t.*
  FROM chosen c CROSS JOIN LATERAL (
    SELECT d.day, {{ counted() }} FROM day_tallies d
    WHERE d.target = c.target AND d.origin = 'scheduled' AND d.day < {{ over() }}
      AND d.day BETWEEN (SELECT min(first) FROM windows) AND (SELECT max(last) FROM windows)
    GROUP BY 1
  ) AS t
)
{%- endmacro -%}
