"""A description in which every table and key is right."""

from __future__ import annotations

GOOD = """
name = "mairie_exemple"
version = "1"
about = "Mairie d'Exemple"
hosts = ["rdv.exemple.fr"]
in_html = { stands = true, reason = "The server writes the sentence itself." }
addresses = ['/rdv/(?P<id>[0-9]+)']

[stop_line]
paths = ['/rdv/[0-9]+(?:/jours)?']
forms = [{ selector = "form#lieu", fields = { cp = "[0-9]{5}" }, buttons = ["suite"] }]
controls = ["#calendrier"]

[[step]]
open = "{url}"

[[step]]
when = "form#lieu"
submit = "form#lieu"
values = { cp = "{postcode}" }
button = "suite"

[[step]]
unfold = "#calendrier"

[[mark]]
outcome = "no_slots"
rule = "none"
path = '/rdv/{id}/jours'
sentence = "Aucun rendez-vous."

[[mark]]
outcome = "slots_offered"
rule = "days"
path = '/rdv/{id}/jours'
element = "li.jour"
dates = { attribute = "data-jour" }

[desk]
line = "lieu : (.+)"
"""
