SELECT * FROM (PIVOT flights ON origin IN ('A', 'B') USING sum(delay) GROUP BY destination)
