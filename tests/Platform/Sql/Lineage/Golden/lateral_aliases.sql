SELECT delay / 60 AS hours, hours * 2 AS twice, delay AS distance, distance AS real_distance FROM flights WHERE twice > 1 ORDER BY hours
