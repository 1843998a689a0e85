SELECT date_trunc('day', date) AS day, origin AS o, count(*) AS n FROM flights GROUP BY 1, o ORDER BY n DESC, 1 LIMIT 10
