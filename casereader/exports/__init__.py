"""Files people take away: the results workbook and plain tables, in which nothing is ever live."""
