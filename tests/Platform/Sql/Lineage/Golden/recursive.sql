WITH RECURSIVE reach (place, steps) AS (
  SELECT origin, 0 FROM flights UNION SELECT f.destination, steps + 1 FROM reach JOIN flights f ON f.origin = reach.place WHERE steps < 3)
SELECT place, max(steps) AS far FROM reach GROUP BY place
