SELECT f.origin, (SELECT max(o.amount) FROM orders o WHERE o.customer = f.origin) AS most,
       EXISTS (SELECT name FROM airports WHERE iata = f.origin) AS known, f.delay IN (SELECT amount FROM orders WHERE id > 5) AS seen
FROM flights f WHERE f.destination NOT IN (SELECT iata FROM airports WHERE state = 'CA')
