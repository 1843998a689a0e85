SELECT date, delay AS late, delay + distance AS sum_of_both, 1 AS one, CAST(origin AS VARCHAR) AS origin_text, Upper(origin) AS upper FROM flights
