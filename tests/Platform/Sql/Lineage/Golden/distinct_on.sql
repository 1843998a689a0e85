SELECT DISTINCT ON (origin) origin, delay FROM flights ORDER BY origin, date DESC
