SELECT * EXCLUDE (date, f.destination) REPLACE (delay / 60 AS delay) RENAME (origin AS airport) FROM flights f
