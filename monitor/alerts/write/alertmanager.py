"""The news in the JSON format of Alertmanager's webhook, which many programs can receive already. Pure.

A zero is an alert that fires; the slots that end it resolve it. An incident fires.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from monitor.alerts.write.sentences import place, plain
from monitor.alerts.write.stories import Story
from monitor.model import Change, Incident, Phase
from monitor.present.as_json import instant
from monitor.present.words import attributed

NEVER = "0001-01-01T00:00:00Z"
"""How Alertmanager writes the end of an alert that has not ended."""

Alert = dict[str, Any]


def payload(alerts: Sequence[Alert], receiver: str, url: str) -> Alert:
    """The whole message, version 4 of Alertmanager's format. Raises `ValueError` without any alert."""
    firing = any(alert["status"] == "firing" for alert in alerts)
    labels = _common([alert["labels"] for alert in alerts])
    return {
        "version": "4",
        "groupKey": "{}:{" + ", ".join(f'{name}="{value}"' for name, value in labels.items()) + "}",
        "truncatedAlerts": 0,
        "status": "firing" if firing else "resolved",
        "receiver": receiver,
        "groupLabels": labels,
        "commonLabels": labels,
        "commonAnnotations": _common([alert["annotations"] for alert in alerts]),
        "externalURL": url,
        "alerts": list(alerts),
    }


def of_story(story: Story) -> Alert:
    """A transition as an alert; the labels are those of the Prometheus rules."""
    made, target = story.transition, story.target
    ended = made.after is not Phase.ZERO
    name = "VigieMilestone" if made.change is Change.MILESTONE else "VigieZeroSlots"
    labels = {
        "alertname": name,
        "severity": "info",
        "target": target.id,
        "departement": target.departement,
        **({"days": str(made.milestone)} if made.milestone else {}),
    }
    drought = made.drought
    said = (
        f"{drought.zeros} relevés concluants consécutifs, {drought.days} jours distincts" if drought else ""
    )
    news = "Des créneaux ont de nouveau été proposés" if ended else "Zéro créneau observé"
    annotations = {
        "summary": f"{news} : {place(target)}",
        "description": said,
        **({"words": attributed(plain(story.words))} if story.words else {}),
    }
    began = drought.since if drought else made.since
    return _alert(labels, annotations, began, made.at if ended else None, story.links.page or "")


def of_incident(incident: Incident) -> Alert:
    """An incident as an alert; resolved when the incident is over."""
    labels = {
        "alertname": f"Vigie{incident.kind.capitalize()}",
        "severity": "warning",
        "key": plain(incident.key),
    }
    annotations = {
        "summary": f"{incident.kind}: {plain(incident.key)}",
        "description": plain(incident.detail),
        "targets": str(len(incident.targets)),
    }
    return _alert(labels, annotations, incident.since, incident.until, "")


def _alert(
    labels: Mapping[str, str],
    annotations: Mapping[str, str],
    starts: datetime,
    ends: datetime | None,
    url: str,
) -> Alert:
    named = ",".join(f"{name}={value}" for name, value in sorted(labels.items()))
    return {
        "status": "resolved" if ends else "firing",
        "labels": dict(labels),
        "annotations": dict(annotations),
        "startsAt": instant(starts),
        "endsAt": instant(ends) or NEVER,
        "generatorURL": url,
        "fingerprint": hashlib.sha256(named.encode()).hexdigest()[:16],
    }


def _common(many: Sequence[Mapping[str, str]]) -> dict[str, str]:
    first, *others = many
    return {name: value for name, value in first.items() if all(other.get(name) == value for other in others)}
