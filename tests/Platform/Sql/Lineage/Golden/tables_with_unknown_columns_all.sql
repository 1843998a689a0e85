SELECT * FROM mystery WHERE x > 1
