"""Every page that lies. `FUZZ` says how many random ones are among them, `SEED` which (default: 400, always the same)."""

from __future__ import annotations

import os

from tests.adversary import classic, demarche_numerique, esirius, fuzz, orion, rdv_service_public

LIES = [
    *classic.lies(),
    *rdv_service_public.lies(),
    *orion.lies(),
    *esirius.lies(),
    *demarche_numerique.lies(),
    *fuzz.pages(int(os.environ.get("FUZZ", "400")), int(os.environ.get("SEED", "2026"))),
]
