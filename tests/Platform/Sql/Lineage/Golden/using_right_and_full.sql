SELECT r.iata AS right_one, u.iata AS full_one
FROM (SELECT iata FROM airports a RIGHT JOIN (SELECT origin AS iata FROM flights) f USING (iata)) r,
     (SELECT iata FROM airports a FULL JOIN (SELECT origin AS iata FROM flights) f USING (iata)) u
