SELECT list_transform(items, x -> x + amount) AS shifted, list_filter(items, lambda y: y > 0) AS positive, {'a': id, 'b': customer} AS pair, [id, amount] AS numbers,
       items[1] AS first_item, customer->'$.name' AS name, o AS whole, list_reduce(items, (a, b) -> a + b) AS total
FROM orders o
