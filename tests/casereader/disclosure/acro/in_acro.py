"""ACRO's own checks on tables of records: a program that runs in ACRO's folder, with the pandas that ACRO needs.

It reads tables as JSON from standard input, each a name with its records, a row and a column of the table for each of
them, and writes what ACRO says of every cell and total: "ok", or the checks that it does not pass. ACRO's threshold is
10 unless it is told otherwise, and none counts as small.
"""

import json
import logging
import sys
import warnings

import pandas as pd
from acro import ACRO

logging.disable(logging.CRITICAL)
warnings.simplefilter("ignore")
session = ACRO(suppress=False)
found = {}
for name, records in json.load(sys.stdin).items():
    table = pd.DataFrame(records, columns=["row", "column"])
    session.crosstab(table["row"], table["column"], margins=True)
    outcome = session.results.get_index(-1).outcome
    found[name] = {str(row): {str(one): str(outcome.loc[row, one]) for one in outcome} for row in outcome.index}
json.dump(found, sys.stdout)
