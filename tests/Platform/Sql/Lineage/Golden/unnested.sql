SELECT id, unnest(items) AS item, u.x AS other, r.range AS number FROM orders, unnest(items) u(x), range(id) r
