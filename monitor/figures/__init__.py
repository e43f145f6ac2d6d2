"""The figures: each is defined once, for the command line, files, plots and dashboards.

They are computed from plain rows, without database or clock; only `loading` and `publish` read the store. A
figure that its guards do not allow is an `Insufficient`, never a number, `None` or NaN.
"""
