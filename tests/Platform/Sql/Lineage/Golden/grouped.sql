SELECT origin, sum(delay) AS total, count(*) AS n, avg(delay) FILTER (WHERE distance > 100) AS far, round(max(delay) / 60, 1) AS hours
FROM flights WHERE date > DATE '2020-01-01' GROUP BY origin HAVING count(DISTINCT destination) > 2
