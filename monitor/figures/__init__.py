"""The figures: each defined once, over plain rows, for the command line, files, plots and dashboards.

Pure: no database, no clock. A figure that its guards do not allow is an `Insufficient`, never a number,
`None` or NaN.
"""
