SELECT new.flights.origin, flights.delay FROM new.flights WHERE new.flights.distance > 10
