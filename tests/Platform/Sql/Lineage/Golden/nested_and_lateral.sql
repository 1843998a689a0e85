SELECT s.twice, l.more, v.col0 AS first_value FROM (SELECT delay * 2 AS twice, origin FROM flights) s, LATERAL (SELECT s.twice + 1 AS more) l, (VALUES (1, s.origin)) v
