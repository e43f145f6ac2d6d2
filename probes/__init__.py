"""Visits booking pages and reads what they say.

No code here uses timetables, databases or recipients of alerts; nothing here may import `monitor`.
"""
