SELECT * FROM airports SEMI JOIN flights ON origin = iata ANTI JOIN orders ON customer = name
