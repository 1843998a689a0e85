SELECT origin AS place, delay FROM flights UNION ALL SELECT iata, 0 FROM airports UNION ALL BY NAME SELECT name AS place, state FROM airports
