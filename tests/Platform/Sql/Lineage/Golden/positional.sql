SELECT #1 AS first_one, a.state FROM airports a POSITIONAL JOIN flights
