SELECT DISTINCT origin, destination FROM flights
