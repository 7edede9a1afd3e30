"""The pages of the coordinator's week: assignment, records, progress, timetable, workbooks and offline weeks."""
