"""The regions of France and their départements (INSEE, since 2016). Overseas collectivities have none."""

from __future__ import annotations

REGIONS = {
    "auvergne-rhone-alpes": ("01", "03", "07", "15", "26", "38", "42", "43", "63", "69", "73", "74"),
    "bourgogne-franche-comte": ("21", "25", "39", "58", "70", "71", "89", "90"),
    "bretagne": ("22", "29", "35", "56"),
    "centre-val-de-loire": ("18", "28", "36", "37", "41", "45"),
    "corse": ("2A", "2B"),
    "grand-est": ("08", "10", "51", "52", "54", "55", "57", "67", "68", "88"),
    "guadeloupe": ("971",),
    "guyane": ("973",),
    "hauts-de-france": ("02", "59", "60", "62", "80"),
    "ile-de-france": ("75", "77", "78", "91", "92", "93", "94", "95"),
    "la-reunion": ("974",),
    "martinique": ("972",),
    "mayotte": ("976",),
    "normandie": ("14", "27", "50", "61", "76"),
    "nouvelle-aquitaine": ("16", "17", "19", "23", "24", "33", "40", "47", "64", "79", "86", "87"),
    "occitanie": ("09", "11", "12", "30", "31", "32", "34", "46", "48", "65", "66", "81", "82"),
    "pays-de-la-loire": ("44", "49", "53", "72", "85"),
    "provence-alpes-cote-d-azur": ("04", "05", "06", "13", "83", "84"),
}
NAMES = {
    "auvergne-rhone-alpes": "Auvergne-Rhône-Alpes",
    "bourgogne-franche-comte": "Bourgogne-Franche-Comté",
    "bretagne": "Bretagne",
    "centre-val-de-loire": "Centre-Val de Loire",
    "corse": "Corse",
    "grand-est": "Grand Est",
    "guadeloupe": "Guadeloupe",
    "guyane": "Guyane",
    "hauts-de-france": "Hauts-de-France",
    "ile-de-france": "Île-de-France",
    "la-reunion": "La Réunion",
    "martinique": "Martinique",
    "mayotte": "Mayotte",
    "normandie": "Normandie",
    "nouvelle-aquitaine": "Nouvelle-Aquitaine",
    "occitanie": "Occitanie",
    "pays-de-la-loire": "Pays de la Loire",
    "provence-alpes-cote-d-azur": "Provence-Alpes-Côte d'Azur",
}
REGION_OF = {departement: region for region, members in REGIONS.items() for departement in members}
