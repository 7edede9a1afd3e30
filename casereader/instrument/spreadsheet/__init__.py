"""An instrument as a workbook in the shape of XLSForm (`survey`, `choices`, `settings`), with columns of our own.

Everything that an instrument file says has its cell, so that a file written as a workbook and read back says the same.
"""

from casereader.instrument.spreadsheet.reading import read_tables, read_workbook
from casereader.instrument.spreadsheet.writing import write_workbook

__all__ = ["read_tables", "read_workbook", "write_workbook"]
