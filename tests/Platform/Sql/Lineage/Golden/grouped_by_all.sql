WITH totals AS (SELECT origin, sum(delay) AS total FROM flights GROUP BY origin) SELECT total, count(*) AS n FROM totals GROUP BY ALL ORDER BY ALL
