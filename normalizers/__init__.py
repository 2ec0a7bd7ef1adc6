"""Text of tables to meaning: numbers, codes, columns, rows. Knows no PDF; imports neither `extractors` nor `pipeline`."""
