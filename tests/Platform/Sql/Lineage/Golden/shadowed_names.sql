WITH airports AS (SELECT origin AS iata, delay AS state FROM flights) SELECT state FROM airports WHERE iata = 'A'
