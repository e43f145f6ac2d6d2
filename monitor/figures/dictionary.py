"""`docs/data-dictionary.md`, made from the columns and from the names of the figures."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from monitor.figures.opendata import FIGURES, LICENCE, ROWS, TARGETS, Column
from monitor.present.words import label

NAMES = {
    "share_without_slot": "Part des sondes exploitables sans créneau ; low–high : intervalle exact à 95 %.",
    "weekly_share_without_slot": "La même, par semaine ISO de la date locale ; key : 2026-W53 ; n ≥ 50.",
    "share_without_slot_if_all_had_answered": "Bande où serait la part de la période, quoi qu'aient trouvé "
    "les sondes sans réponse.",
    "time_with_slots_at_most": "Part du temps où des créneaux ont pu être visibles, si aucun n'a été vu : "
    "borne à 95 %, 1 − 0,05^(1/n), arrondie vers le haut au milliardième ; high : la borne à 95 % si chaque "
    "sonde sans réponse en cachait (Clopper–Pearson).",
    "delay_class": "Les cinq classes de La Cimade ; un mois est un mois civil, son dernier jour exclu.",
    "days_to_earliest_date": "Quantile du délai jusqu'à la première date ; un zéro est un délai infini.",
    "days_to_earliest_date_if_any": "Le même parmi les sondes avec date : s'améliore quand l'offre se tarit.",
    "scheduled_instants": "Ce que sont devenus tous les instants programmés ; leur somme est scheduled.",
    "drought": "Sécheresse : low, sans trou de plus de trois intervalles ; high, d'un créneau vu au suivant.",
    "opening_lifetime": "Durée médiane des ouvertures : low–high, la bande où elle se trouve.",
    "appearances_per_hour": "Apparitions par heure observée ; key : jour (1 = lundi) et heure locale.",
    "chance_of_seeing_a_slot": "Chance d'avoir vu un créneau en k regards, un par jour ; key : k.",
    "appearances_in_top_3_hours": "Part des apparitions dans les trois heures de la semaine les plus riches.",
    "appearances_evenly_p": "Test de permutation : p si les apparitions étaient réparties au hasard du temps "
    "observé.",
    "site_availability": "Part des heures où le site a répondu à au moins une visite ; key : l'hôte.",
    "site_hours": "Heures avec visite (tried), sans réponse (down), écartées (left_out) : trois hôtes ou "
    "plus muets à la même heure, la panne est sans doute la nôtre.",
    "coverage": "Sondes exécutées sur programmées.",
    "unrecognised_pages": "Part des visites dont la page n'a pas été reconnue.",
    "false_zeros_at_most": "Borne à 95 % de la part de faux zéros, d'après ceux vérifiés sur image.",
    "zeros_checked_on_pictures": "Zéros vérifiés par une personne sur leur image, et combien étaient faux.",
    "double_readings": "Visites avec navigateur, lues aussi comme sans navigateur ; key : ce que les deux "
    "lectures disent l'une de l'autre.",
    "clock_offset": "Plus grand écart de notre horloge, en valeur absolue.",
    "pairs": "Couples de sondes avec le témoin, à dix minutes au plus d'intervalle ; `pairs with` suivi de "
    "son nom ; p : test exact de McNemar.",
}

_INTRODUCTION = f"""# Dictionnaire des données

Fichiers écrits par `vigie export` : un CSV et un Parquet par jour UTC (`rows-AAAA-MM-JJ`), les pages
surveillées (`targets`), les chiffres par semaine (`weeks`) et `datapackage.json` (Table Schema).
Licence : [{LICENCE["title"]}]({LICENCE["path"]}).
Un jour n'est publié que 24 heures après sa fin, et réécrit si des lignes lui sont venues après ou si ses
pages ont été relues. Les mêmes chiffres, avec les mêmes décimales, sortent de `vigie figures` et des tableaux
de bord.

CSV : UTF-8, virgules, point décimal, vide pour « sans objet », instants UTC à la microseconde, `true` et
`false` ; un texte qu'un tableur prendrait pour une formule y est précédé d'une apostrophe. Parquet : les
mêmes valeurs, typées, sans apostrophe.

Une ligne est un instant programmé, ou une visite manuelle ou accompagnée (`origin`). Une absence de ligne
n'est pas un zéro ; `no_slots` dit que la page **affichait** qu'il n'y avait rien, à cet instant. Seuls
`slots_offered` et `no_slots` entrent dans un dénominateur. Aucun texte de page, aucune donnée personnelle.
"""


def dictionary() -> str:
    """The whole document, in French Markdown."""
    return "\n".join(
        [
            _INTRODUCTION,
            *_table("rows : les sondes", ROWS),
            *_table("targets : les pages surveillées", TARGETS),
            *_table("weeks, et `vigie figures` : les chiffres", FIGURES),
            *_names(),
            *_words((*ROWS, *TARGETS)),
        ]
    )


def _table(title: str, columns: Sequence[Column]) -> Iterator[str]:
    yield from (f"## {title}\n", "| colonne | type | ce qu'elle contient |", "|---|---|---|")
    for column in columns:
        yield f"| `{column.name}` | {column.kind} | {column.holds} |"
    yield ""


def _names() -> Iterator[str]:
    yield from ("## Les chiffres\n", "| `figure` | définition |", "|---|---|")
    yield from (f"| `{name}` | {told} |" for name, told in NAMES.items())
    yield ""


def _words(columns: Sequence[Column]) -> Iterator[str]:
    yield "## Les mots fermés\n"
    for column in columns:
        if column.words is not None:
            told = " · ".join(f"`{word}` {label(word)}" for word in column.words)
            yield f"- `{column.name}` : {told}"
    yield ""


if __name__ == "__main__":
    print(dictionary(), end="")
