SELECT iata, COLUMNS('n.*'), state FROM airports
