SELECT * FROM airports NATURAL JOIN (SELECT origin AS iata, distance FROM flights)
