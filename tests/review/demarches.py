"""Two démarches of one préfecture."""

from __future__ import annotations

from tests.cast.observations import target

TITRE, PERMIS = target("titre"), target("permis", demarche="permis de conduire")
