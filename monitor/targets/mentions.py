"""Names of targets, hosts and places in files that people write: each must be that of a target we know.

A name that no target has protects, slows or tells nothing, and nothing else would say so.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping

from monitor.places.hosts import host_of, is_local
from monitor.problems import Problem, nearest, quoted
from monitor.settings.alerts import MailingList
from monitor.settings.evidence import Hold
from monitor.settings.load import Settings
from probes.model import Target


def unknown(where: str, names: Iterable[str], known: Collection[str], what: str = "target") -> list[Problem]:
    """A problem for each of `names` that is none of the `known` ones, with the nearest of these."""
    of_ours = f"is no {what} of the catalogue or of the record"
    return [
        Problem(where, f"{quoted(name)} {of_ours}; {nearest(name, known)}")
        for name in sorted(set(names) - set(known))
    ]


def in_settings(settings: Settings, known: Mapping[str, Target]) -> Iterator[Problem]:
    """The problems of all names but hosts. `known` are the targets of catalogue and record, by id."""
    yield from in_holds(settings.evidence.holds, known)
    for listed in settings.alerts.lists:
        yield from _in_list(listed, known)


def in_holds(holds: Iterable[Hold], known: Collection[str]) -> Iterator[Problem]:
    """The problems of the targets that holds name: a hold on an unknown one would protect no picture."""
    for number, hold in enumerate(holds, start=1):
        if hold.target is not None:
            yield from unknown(f"[[evidence.holds]] {number}, target", [hold.target], known)


def in_hosts(hosts: Iterable[str], catalogue: Iterable[Target]) -> Iterator[Problem]:
    """The problems of the hosts that have a pace of their own: one that nobody visits would slow nothing."""
    visited = {host_of(target.url) for target in catalogue}
    local = {"localhost"} if any(map(is_local, visited)) else set()
    for host in sorted(set(hosts) - visited - local):
        words = f"{quoted(host)} is the host of no target of the catalogue; {nearest(host, visited | local)}"
        yield Problem("[pace.hosts]", words)


def _in_list(listed: MailingList, known: Mapping[str, Target]) -> Iterator[Problem]:
    where = f"[[alerts.lists]] {listed.name}"
    targets = known.values()
    yield from unknown(f"{where}, targets", listed.targets, known)
    prefectures = {target.prefecture for target in targets}
    yield from unknown(f"{where}, prefectures", listed.prefectures, prefectures, "préfecture")
    demarches = {target.demarche for target in targets}
    yield from unknown(f"{where}, demarches", listed.demarches, demarches, "démarche")
