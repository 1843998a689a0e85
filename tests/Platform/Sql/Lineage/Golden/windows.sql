SELECT row_number() OVER (PARTITION BY origin ORDER BY date) AS n,
       sum(delay) FILTER (WHERE distance > 0) OVER w AS running,
       lag(delay, 1, distance) OVER w AS before
FROM flights WINDOW w AS (PARTITION BY destination ORDER BY date ROWS BETWEEN delay PRECEDING AND CURRENT ROW)
QUALIFY rank() OVER (ORDER BY distance) < 5
