"""PDF pages to tables of text. Knows geometry, no budgets; imports neither `normalizers` nor `pipeline`."""
