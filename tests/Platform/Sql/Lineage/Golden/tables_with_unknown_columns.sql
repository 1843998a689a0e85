SELECT m.a, b, iata, m.a + 1 AS c FROM mystery m JOIN airports ON iata = m.k
