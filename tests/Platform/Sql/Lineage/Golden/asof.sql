SELECT f.delay, o.amount FROM flights f ASOF LEFT JOIN orders o ON f.origin = o.customer AND f.date >= o.id
