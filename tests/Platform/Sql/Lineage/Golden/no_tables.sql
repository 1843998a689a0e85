SELECT 1 AS a, current_date AS today, $since AS since
