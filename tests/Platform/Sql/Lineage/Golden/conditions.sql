SELECT CASE WHEN delay > 15 THEN origin ELSE destination END AS guilty, CASE origin WHEN 'SFO' THEN 1 END AS home,
       coalesce(delay, distance) AS some, nullif(delay, distance) AS other, if(delay > 0, 'late', 'early') AS word, delay BETWEEN 0 AND distance AS between_both,
       origin IN ('A', destination) AS is_in, delay IS NULL AS missing
FROM flights
