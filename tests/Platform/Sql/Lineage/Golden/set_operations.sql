(SELECT origin AS place FROM flights UNION SELECT iata FROM airports) EXCEPT (SELECT name FROM airports INTERSECT SELECT state FROM airports) ORDER BY place
