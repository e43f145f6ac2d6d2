"""A bundle: the folder of files given to a court, with a signed list of its pieces. Pieces are bytes by name.

`donnees/` holds records as they were sealed, `preuves/` seals, time stamps and proofs, `autorites/` the
authorities' certificates, `captures/` what pages sent, each file named by its digest. `verify.sh` and
`verify.py` check all of it.
"""

from __future__ import annotations

import zipfile
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from importlib.resources import files as package_files
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from monitor.evidence.journal import names as journal_names
from monitor.evidence.journal import records
from monitor.evidence.journal.checkpoint import CheckpointSigner
from monitor.evidence.journal.seals import Seals
from monitor.evidence.journal.stamps import Authority
from monitor.files import made_whole

Pieces = dict[str, bytes]

SUMS = "SHA256SUMS"
SIGNATURE = "SHA256SUMS.sig"
# Every file in an archive has this date, so that the same pieces give the same bytes.
_ZIP_DATE = (1980, 1, 1, 0, 0, 0)


@dataclass(frozen=True, kw_only=True, slots=True)
class BundleScope:
    """What a bundle is about: its targets, and a period from `begin` to `end` (excluded)."""

    targets: tuple[str, ...]
    begin: datetime
    end: datetime

    @property
    def text(self) -> bytes:
        """`donnees/PERIMETRE.txt`, which the verifiers read. The journal is part of every bundle."""
        chains = " ".join((*self.targets, records.JOURNAL))
        begin, end = records.instant(self.begin), records.instant(self.end)
        return f"cibles={chains}\ndebut={begin}\nfin={end}\n".encode()


def sealed_pieces(seals: Seals, days: Iterable[date]) -> Pieces:
    """The seals of consecutive days, the files they list except day files, and their time stamps."""
    pieces: Pieces = {}
    for day in days:
        names = [journal_names.seal(day), *seals.tokens(day)]
        inside = seals.listed(day)
        names += [name for name in inside if name.startswith(("CHECKPOINT-", "SCHEDULE-", "LOG-"))]
        pieces |= {f"preuves/{name}": seals.read(name) for name in names}
    return pieces


def sealed_days(seals: Seals, first: date, last: date) -> list[date]:
    """The days from `first` to `last`. Raises `ValueError` when one has no seal yet."""
    days = [first + timedelta(days=n) for n in range((last - first).days + 1)]
    missing = sorted(set(days) - set(seals.days()))
    if missing:
        raise ValueError(
            f"{missing[0]} has no seal yet; `vigie run` or `vigie seal` seals a day once it is over (UTC), "
            "and this one is in the period or holds records of it"
        )
    return days


def authority_pieces(authorities: Iterable[Authority]) -> Pieces:
    """Each authority's certificates, one a file: the root under a name the verifiers know."""
    pieces: Pieces = {}
    for one in authorities:
        (pieces[f"autorites/{one.name}-root.pem"],) = _certificates(one.root)
        for place, certificate in enumerate(_certificates(one.chain) if one.chain else [], 1):
            pieces[f"autorites/{one.name}-chain-{place}.pem"] = certificate
    return pieces


def _certificates(path: Path) -> list[bytes]:
    """Each PEM certificate of a file, without the comments that some programs write above it."""
    return [one.public_bytes(Encoding.PEM) for one in x509.load_pem_x509_certificates(path.read_bytes())]


def capture_piece(content: bytes, extension: str) -> Pieces:
    """A page or picture as it was received, under its digest."""
    return {f"captures/{records.digest(content)}.{extension}": content}


def verifiers() -> Pieces:
    """The two programs that check a bundle."""
    folder = package_files("monitor.evidence.bundle") / "verifiers"
    return {name: (folder / name).read_bytes() for name in ("verify.sh", "verify.py")}


def closed(pieces: Mapping[str, bytes], key: CheckpointSigner) -> Pieces:
    """The pieces with their list and the log's signature on it."""
    sums = journal_names.sha256sum(pieces.items())
    return {**pieces, SUMS: sums, SIGNATURE: key.key.sign(sums)}


def write_folder(pieces: Mapping[str, bytes], folder: Path) -> None:
    """Write a bundle as a folder, whole or not at all. Raises `FileExistsError` when the folder exists."""
    with _new(folder) as made:
        for name, content in pieces.items():
            path = made / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)


@contextmanager
def _new(path: Path) -> Iterator[Path]:
    """`made_whole`, with the folders above it; a bundle never replaces another. Raises `FileExistsError`."""
    if path.exists():
        raise FileExistsError(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    with made_whole(path) as made:
        yield made


def write_zip(pieces: Mapping[str, bytes], path: Path) -> None:
    """Write a bundle as one archive, whole or not at all; the same pieces give the same bytes.

    Raises `FileExistsError`.
    """
    with _new(path) as made, zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in sorted(pieces):
            entry = zipfile.ZipInfo(name, date_time=_ZIP_DATE)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.external_attr = 0o644 << 16
            archive.writestr(entry, pieces[name])
