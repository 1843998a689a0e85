SELECT f.*, a.state FROM new.flights f LEFT JOIN airports a ON a.iata = f.origin
