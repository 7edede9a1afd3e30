"""The load of a reading week: readers who save once a second, coordinators who upload, draw and roll up meanwhile.

`python -m bench.web` lets them loose on the served program, on SQLite and PostgreSQL, and times each kind of request.
"""
