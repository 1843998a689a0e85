WITH a AS (SELECT iata, state FROM airports WHERE name IS NOT NULL), b (code, land) AS (SELECT * FROM a), unused AS (SELECT * FROM orders WHERE id = 1)
SELECT b.land, f.delay FROM flights f JOIN b ON b.code = f.origin
