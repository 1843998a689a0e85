SELECT a, m.b, n.c FROM mystery m, riddle n
