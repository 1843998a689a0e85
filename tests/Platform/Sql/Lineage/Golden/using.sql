SELECT *, iata, a.iata AS left_one FROM airports a JOIN (SELECT origin AS iata, delay FROM flights) f USING (iata)
