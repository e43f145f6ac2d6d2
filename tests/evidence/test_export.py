"""Whole bundles from a kept record: complete, honest about what they are, checked by both verifiers."""

from __future__ import annotations

import csv
import io
import json
import re
import resource
import shutil
import subprocess
import time
import zipfile
from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from pikepdf import Dictionary, Name, Pdf, Stream

from monitor.evidence.bundle import gather, sentences
from monitor.evidence.bundle import make as bundle_make
from monitor.evidence.bundle import pieces as bundle_pieces
from monitor.evidence.bundle.gather import BrokenRecord
from monitor.evidence.bundle.pieces import Pieces
from monitor.evidence.journal import names as journal_names
from monitor.evidence.journal.facts import ObservationFact, UnreadableLine
from monitor.evidence.journal.seals import Seals
from monitor.model import Observation
from monitor.problems import BadInput
from monitor.store import Store
from probes.model import Outcome, Target
from tests.cast.installation import FIRST, Installation, captcha, no_slots, offered, picture, two_targets
from tests.evidence.forbidden import offends
from tests.evidence.keeper import run_shell
from tests.evidence.pdfa import violations
from tests.evidence.world import load

pytestmark = pytest.mark.slow

DAY = timedelta(days=1)
LAST = FIRST + 5 * DAY
MINE = "vienne-titre"


def varied(target: Target, at: datetime) -> Observation:
    """Zeros, but for a CAPTCHA each third day, and one opening of the other démarche."""
    if target.id == "vienne-permis" or (at.day, at.hour // 6) == (23, 2):
        return offered(target, at, shot=picture(f"date {at:%d}"))
    if at.day % 3 == 0 and at.hour < 6:
        return captcha(target, at)
    return no_slots(target, at, shot=picture(f"zero {at:%d}"))


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory, migrated_sqlite: Path) -> Installation:
    """Seven days of two targets, four visits a day, one instant in four missed."""
    folder = tmp_path_factory.mktemp("kept")
    url = f"sqlite:///{shutil.copy(migrated_sqlite, folder / 'vigie.db')}"
    made = Installation(folder, url=url, targets=two_targets())
    made.live(7, varied, missed=[3])
    return made


Make = Callable[..., Pieces]


@pytest.fixture(scope="module")
def make(kept: Installation) -> Make:
    def pieces(*names: str, first: date = FIRST + DAY, last: date = LAST, **known: Any) -> Pieces:
        gathered = gather.gather(kept.store, kept.seals, names or (MINE,), first, last)
        return bundle_make.make(kept.office, gathered, **known)

    return pieces


@pytest.fixture(scope="module")
def whole(make: Make) -> Pieces:
    return make()


def lines_of(pieces: Pieces, target: str) -> list[dict[str, Any]]:
    content = [content for name, content in sorted(pieces.items()) if name.endswith(f"_{target}.jsonl")]
    return [json.loads(line) for line in b"".join(content).splitlines()]


def text_of(pdf: bytes) -> str:
    ran = subprocess.run(["pdftotext", "-layout", "-", "-"], input=pdf, capture_output=True, check=True)
    return re.sub(r"\s+", " ", ran.stdout.decode())


def piece(pieces: Pieces, kind: str) -> bytes:
    (found,) = [content for name, content in pieces.items() if f"_{kind}_" in name]
    return found


needs_poppler = pytest.mark.skipif(
    not shutil.which("pdftotext"), reason="poppler's programs are not installed"
)


def test_both_verifiers_accept_it(whole: Pieces, kept: Installation, tmp_path: Path) -> None:
    ran = run_shell(whole, tmp_path / "bundle", kept.authority.fingerprint)
    assert (ran.returncode, "0 pages absentes, 0 dates tardives" in ran.stdout) == (0, True), ran
    module = load(tmp_path / "bundle" / "verify.py")
    late, missing, (_, _, results, count) = module.verify(whole, {kept.authority.fingerprint})
    assert (late, missing) == ([], set())
    assert (results.total(), count > 20) == (20, True)


def test_it_holds_every_row_of_the_period_positives_and_gaps_included(whole: Pieces) -> None:
    rows = list(csv.DictReader(io.StringIO(whole["donnees/releves.csv"].decode("utf-8-sig")), delimiter=";"))
    results = [row["code"] for row in rows]
    assert len(rows) == 5 * 4
    assert {"no_slots", "slots_offered", "captcha", "misfire"} == set(results)


def test_the_same_record_gives_the_same_bytes(make: Make, whole: Pieces) -> None:
    again = make()
    assert [name for name in whole if whole[name] != again.get(name)] == []


def test_its_names_suit_the_courts_filing_site(whole: Pieces) -> None:
    exhibits = [name for name in whole if name.startswith("PJ")]
    assert [name[:4] for name in exhibits] == ["PJ1_", "PJ2_", "PJ3_"]
    for name in exhibits:
        assert journal_names.SAFE_NAME.fullmatch(name)
        assert len(name) <= 80
        assert name.isascii()
        assert name.count(".") == 1


def test_several_targets_share_one_bundle(make: Make, kept: Installation, tmp_path: Path) -> None:
    pieces = make(MINE, "vienne-permis")
    assert len([name for name in pieces if "_Rapport_" in name]) == 2
    assert run_shell(pieces, tmp_path / "bundle", kept.authority.fingerprint).returncode == 0


def test_a_local_day_is_whole_though_sealed_by_utc_days(whole: Pieces) -> None:
    rows = list(csv.DictReader(io.StringIO(whole["donnees/releves.csv"].decode("utf-8-sig")), delimiter=";"))
    days = sorted({row["date_heure_locale"][:10] for row in rows})
    assert (days[0], days[-1], len(days)) == ("21/10/2026", "25/10/2026", 5)


def test_every_capture_is_there_under_its_digest(whole: Pieces) -> None:
    owed = {step["body_sha256"] for fact in lines_of(whole, MINE) for step in fact.get("steps", ())}
    held = {name[9:73] for name in whole if re.fullmatch(r"captures/.{64}\.html", name)}
    assert owed == held


def test_the_captures_replay_from_one_file(whole: Pieces) -> None:
    box = zipfile.ZipFile(io.BytesIO(whole["captures/captures.wacz"]))
    listed = [json.loads(line) for line in box.read("pages/pages.jsonl").splitlines()][1:]
    assert len(listed) == 5 * 3
    assert all(re.match(r"Ligne \d+, vienne-titre, \d\d/10/2026 ", page["title"]) for page in listed)
    assert "15 visites sur les 15 qui" in re.sub(r"\s+", " ", whole["LISEZMOI.txt"].decode())


def test_proofs_lead_to_the_last_tree_head(whole: Pieces) -> None:
    proofs = [content.decode() for name, content in whole.items() if name.endswith(".tlog-proof")]
    notes = {proof.partition("\n\n")[2] for proof in proofs}
    assert 2 <= len(proofs) <= bundle_make.MOST_PROOFS
    last = max(name for name in whole if "CHECKPOINT-" in name)
    assert notes == {whole[last].decode()}


def test_a_framed_copy_stands_beside_the_raw_picture(whole: Pieces) -> None:
    copies = [name for name in whole if name.startswith("captures/copie_ligne-")]
    raw = {fact["shot_sha256"] for fact in lines_of(whole, MINE) if "shot_sha256" in fact}
    assert copies
    assert all(f"captures/{digest}.jpg" in whole for digest in raw)


def test_the_spreadsheet_opens_in_french(whole: Pieces) -> None:
    content = whole["donnees/releves.csv"]
    assert content.startswith(b"\xef\xbb\xbfligne;cible;")
    assert content.count(b"\r\n") == 21
    assert b"1,0;" in content or b"4,0;" in content


def test_a_reader_who_follows_the_notice_word_by_word_gets_it_verified(
    whole: Pieces, kept: Installation, tmp_path: Path
) -> None:
    bundle_pieces.write_folder(whole, tmp_path / "bundle")
    notice = (tmp_path / "bundle" / "LISEZMOI.txt").read_text("utf-8")
    steps = re.findall(r"^\d\.  (.+)$", notice, re.MULTILINE)
    (by_hand,) = re.findall(r"^ +(openssl ts .+\\\n.+)$", notice, re.MULTILINE)
    (name,) = re.findall(r"^ {12}(\w+) \(qualifiée", notice, re.MULTILINE)
    stamped = (tmp_path / "bundle" / "preuves" / f"SEAL-{LAST}_{name}.tsr").exists()
    by_hand = by_hand.replace("AAAA-MM-JJ", str(LAST)).replace("autorite.", f"{name}.")
    by_hand = by_hand.replace("autorite-", f"{name}-").replace("DATE", "$(date -d 2026-10-27 +%s)")
    assert (stamped, [step.split()[0] for step in steps]) == (True, ["sha256sum", "sh", "python3"])
    for command in (*steps, by_hand):
        typed = command.replace("EMPREINTE", kept.authority.fingerprint)
        ran = subprocess.run(["sh", "-c", typed], cwd=tmp_path / "bundle", capture_output=True, check=False)
        assert ran.returncode == 0, (typed, ran)


@needs_poppler
def test_the_first_page_answers(whole: Pieces) -> None:
    said = text_of(piece(whole, "Rapport"))
    assert "Du 21/10/2026 au 25/10/2026, 20 sondes ont été programmées (5 jours, dont un de 25 h)" in said
    assert "avec créneau" in said
    for title in ("Provenance", "Méthode", "Limites connues", "Scellement et horodatage", "Empreintes"):
        assert title in said
    assert "Échange de permis" in said
    assert "non satisfait" in said
    assert "Association Exemple" in said
    unproven = "Lecteur de cette plateforme non prouvé, essayé sur des pages reconstituées seulement"
    assert f"{unproven} : aucune page enregistrée du site réel ne l'a encore confirmé." in said


@needs_poppler
def test_no_printed_page_concludes_anything(whole: Pieces) -> None:
    for name, content in whole.items():
        if name.endswith(".pdf"):
            assert offends(text_of(content)) == [], name
    assert offends(whole["LISEZMOI.txt"].decode()) == []


def test_no_template_holds_a_forbidden_word() -> None:
    for path in (Path(sentences.__file__).parent / "templates").iterdir():
        assert offends(re.sub(r"\s+", " ", path.read_text("utf-8"))) == [], path.name


@needs_poppler
def test_pdfs_embed_the_programs_own_fonts(whole: Pieces) -> None:
    pdf = piece(whole, "Rapport")
    fonts = subprocess.run(["pdffonts", "-"], input=pdf, capture_output=True, check=True).stdout.decode()
    rows = fonts.splitlines()[2:]
    assert rows
    assert all(" yes yes yes " in row for row in rows)
    assert {row.split("+")[1].split()[0] for row in rows} <= {"Vigie-Sans", "Vigie-Sans-Bold", "Vigie-Mono"}


def test_printed_pieces_keep_what_can_be_checked_of_the_archiving_standard(whole: Pieces) -> None:
    printed = {name: content for name, content in whole.items() if name.endswith(".pdf")}
    assert len(printed) == 3
    assert not [(name, found) for name, content in printed.items() for found in violations(content)]


def without_unicode(pdf: Pdf) -> None:
    for font in pdf.objects:
        if isinstance(font, Dictionary) and font.get("/Subtype") == Name.Type0:
            del font.ToUnicode


def with_interpolation(pdf: Pdf) -> None:
    for image in pdf.objects:
        if isinstance(image, Stream) and image.get("/Subtype") == Name.Image:
            image.Interpolate = True


def with_a_program(pdf: Pdf) -> None:
    pdf.Root.OpenAction = pdf.make_indirect(Dictionary(S=Name.JavaScript, JS="app.alert(1)"))


def with_another_title(pdf: Pdf) -> None:
    pdf.docinfo.Title = "Autre"


def without_intent(pdf: Pdf) -> None:
    del pdf.Root.OutputIntents


@pytest.mark.parametrize(("spoil", "clause"), [
    (without_unicode, "6.2.11.7"), (with_interpolation, "6.2.8"), (with_a_program, "6.5.1"),
    (with_another_title, "6.6.3"), (without_intent, "6.2.3"),
])  # fmt: skip
def test_a_spoilt_piece_is_found_out(whole: Pieces, spoil: Callable[[Pdf], None], clause: str) -> None:
    spoilt = io.BytesIO()
    with Pdf.open(io.BytesIO(piece(whole, "Captures"))) as pdf:
        spoil(pdf)
        pdf.save(spoilt)
    assert clause in " ".join(violations(spoilt.getvalue()))


@needs_poppler
def test_an_extract_says_so_on_every_piece_with_what_it_leaves_out(make: Make) -> None:
    pieces = make(only=Outcome.SLOTS_OFFERED)
    left = "EXTRAIT : ce document ne montre que les 1 lignes « créneaux proposés » ; 19 lignes sont laissées"
    for kind in ("Rapport", "Tableau-1", "Captures"):
        assert left in text_of(piece(pieces, kind))
    assert "19 lignes sont laissées de côté" in pieces["LISEZMOI.txt"].decode()
    assert "20 sondes ont été programmées" in text_of(piece(pieces, "Rapport"))
    assert len(pieces["donnees/releves.csv"].splitlines()) == 2
    assert len([fact for fact in lines_of(pieces, MINE) if fact["type"] in ("observation", "gap")]) > 19


def test_an_extract_of_several_targets_counts_each(make: Make) -> None:
    pieces = make(MINE, "vienne-permis", only=Outcome.NO_SLOTS)
    notice = re.sub(r"\s+", " ", pieces["LISEZMOI.txt"].decode())
    rows = list(csv.DictReader(io.StringIO(pieces["donnees/releves.csv"].decode("utf-8-sig")), delimiter=";"))
    for target in (MINE, "vienne-permis"):
        shown = sum(row["cible"] == target for row in rows)
        assert f"{target} : les {shown} lignes « zéro créneau » ; {20 - shown} lignes sont laissées" in notice
    assert "toutes les lignes" not in notice


def test_a_whole_bundle_is_no_extract(whole: Pieces) -> None:
    assert "EXTRAIT" not in whole["LISEZMOI.txt"].decode()


def test_an_unknown_target_is_one_sentence(make: Make) -> None:
    with pytest.raises(BadInput, match=r'target "vienne-titr".*vienne-titre'):
        make("vienne-titr")


def test_a_period_without_seals_is_one_sentence(make: Make) -> None:
    with pytest.raises(BadInput, match="2026-10-27 has no seal yet; `vigie run` or `vigie seal`"):
        make(last=FIRST + 7 * DAY)


def test_a_record_of_which_no_day_is_sealed_is_one_sentence(kept: Installation, tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="has no sealed day yet; `vigie seal`"):
        gather.gather(kept.store, Seals(tmp_path / "none"), [MINE], FIRST, LAST)


def test_a_period_without_records_is_one_sentence(make: Make) -> None:
    with pytest.raises(BadInput, match="holds no record of these targets"):
        make(first=date(2020, 1, 1), last=date(2020, 1, 2))


def test_a_period_that_is_not_accounted_for_is_one_sentence(tmp_path: Path, migrated_sqlite: Path) -> None:
    url = f"sqlite:///{shutil.copy(migrated_sqlite, tmp_path / 'vigie.db')}"
    made = Installation(tmp_path, url=url, targets=two_targets()[:1], a_day=1)
    made.live(1)
    made.live_without_looking(2)
    with pytest.raises(BadInput, match="has 1 drawn instants without a visit or a gap yet"):
        gather.gather(made.store, made.seals, [MINE], FIRST, FIRST + DAY)
    with pytest.raises(BadInput, match="holds no visit and no gap of these targets"):
        gather.gather(made.store, made.seals, [MINE], FIRST + 2 * DAY, FIRST + 2 * DAY)


def test_it_begins_with_the_sealed_days_of_the_period_though_nothing_was_logged_of_them(
    kept: Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Else the verifiers could not tell them from days left out."""
    monkeypatch.setattr(
        "monitor.evidence.bundle.gather.lines.days_about", lambda *_: (FIRST + 3 * DAY, FIRST + 4 * DAY)
    )
    days = gather.gather(kept.store, kept.seals, [MINE], FIRST + 2 * DAY, LAST).days
    assert (days[0], days[-1]) == (FIRST + DAY, LAST)
    days = gather.gather(kept.store, kept.seals, [MINE], FIRST - 9 * DAY, LAST).days
    assert days[0] == kept.seals.days()[0]


def test_a_record_that_is_not_what_was_sealed_makes_no_bundle(kept: Installation, tmp_path: Path) -> None:
    shutil.copytree(kept.seals.folder, tmp_path / "published")
    seal = tmp_path / "published" / journal_names.seal(FIRST + 2 * DAY)
    seal.write_bytes(re.sub(rb"^[0-9a-f]{8}", b"00000000", seal.read_bytes(), flags=re.MULTILINE))
    with pytest.raises(BrokenRecord, match="is not what was sealed: restore the database from a backup"):
        gather.gather(kept.store, type(kept.seals)(tmp_path / "published"), [MINE], FIRST + DAY, LAST)


def test_a_visit_whose_record_names_no_row_has_no_pages_to_show(kept: Installation) -> None:
    gathered = gather.gather(kept.store, kept.seals, [MINE], FIRST + DAY, LAST)
    (visit, *_) = [fact for fact in gathered.facts if isinstance(fact, ObservationFact)]
    with pytest.raises(BrokenRecord, match=f"record {visit.seq} names no row of the database"):
        list(gather.received(kept.store, [replace(visit, entry=None)]))


def test_a_line_that_cannot_be_read_makes_no_bundle_and_is_named(
    kept: Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    day_files = gather._day_files

    def spoilt(*known: Any) -> Pieces:
        return {name: content + b"{}\n" for name, content in day_files(*known).items()}

    monkeypatch.setattr(gather, "_day_files", spoilt)
    with pytest.raises(
        UnreadableLine, match=r"^Line \d+ of donnees/2026-10-\d\d_vienne-titre\.jsonl cannot be"
    ):
        gather.gather(kept.store, kept.seals, [MINE], FIRST + DAY, LAST)


def test_a_thinned_picture_leaves_its_row_and_its_address(make: Make, kept: Installation) -> None:
    shown = make()["donnees/releves.csv"]
    pictured = [fact for fact in lines_of(make(), MINE) if "shot_sha256" in fact]
    fact = next(fact for fact in pictured if fact["shot_sha256"].encode() in shown)
    path = kept.store.media.path(fact["shot_sha256"])
    content = path.read_bytes()
    path.unlink()
    try:
        pieces = make()
        assert f"captures/{fact['shot_sha256']}.jpg" not in pieces
        assert fact["shot_sha256"].encode() in pieces["donnees/releves.csv"]
    finally:
        path.write_bytes(content)


def test_work_is_told_as_it_begins(make: Make) -> None:
    told: list[str] = []
    make(progress=told.append)
    assert told[0] == "sceaux et journal"
    assert told[-1] == "signature"


def test_without_an_authority_the_report_says_what_is_missing(tmp_path: Path, migrated_sqlite: Path) -> None:
    url = f"sqlite:///{shutil.copy(migrated_sqlite, tmp_path / 'vigie.db')}"
    bare = Installation(tmp_path, url=url, targets=two_targets()[:1], stamped=False)
    bare.live(3)
    gathered = gather.gather(bare.store, bare.seals, [MINE], FIRST + DAY, FIRST + DAY)
    pieces = bundle_make.make(replace(bare.office, operator=""), gathered)
    readme = pieces["LISEZMOI.txt"].decode()
    assert "aucune : ces relevés ne sont pas horodatés par un tiers" in readme
    assert "Captures" not in " ".join(name for name in pieces if name.startswith("PJ"))


@pytest.fixture
def hostile(tmp_path: Path, migrated_sqlite: Path) -> Installation:
    url = f"sqlite:///{shutil.copy(migrated_sqlite, tmp_path / 'vigie.db')}"
    evil = '"><script>alert(1)</script><img src="http://192.0.2.9/x"><link rel=stylesheet href=//192.0.2.9>'
    one = replace(two_targets()[0], demarche=f"=cmd|' /C calc'!A0 {evil}", prefecture="{{ 7*7 }} {% raw %}")
    made = Installation(tmp_path, url=url, targets=[one])
    words = f"=HYPERLINK(1) {evil} \u202e"

    def visit(target: Target, at: datetime) -> Observation:
        seen = no_slots(target, at, shot=picture("x"))
        return replace(seen, reading=replace(seen.reading, words=words))

    made.live(3, visit)
    return made


@needs_poppler
def test_hostile_names_and_pages_stay_words(hostile: Installation) -> None:
    gathered = gather.gather(hostile.store, hostile.seals, [MINE], FIRST + DAY, FIRST + DAY)
    pieces = bundle_make.make(hostile.office, gathered)
    said = text_of(piece(pieces, "Rapport"))
    assert "<script>alert(1)</script>" in said
    assert "{{ 7*7 }} {% raw %}" in said
    cells = next(
        csv.reader(
            io.StringIO(pieces["donnees/releves.csv"].decode("utf-8-sig").splitlines()[1]), delimiter=";"
        )
    )
    assert not [cell for cell in cells if cell.startswith(("=", "+", "@"))]


def test_thirty_days_of_one_hourly_target_in_twenty_seconds_and_25_megabytes(
    tmp_path: Path, migrated_sqlite: Path
) -> None:
    url = f"sqlite:///{shutil.copy(migrated_sqlite, tmp_path / 'vigie.db')}"
    made = Installation(tmp_path, url=url, targets=two_targets()[:1], a_day=24)
    made.live(32, lambda target, at: no_slots(target, at, shot=picture(f"{at:%d}")))
    started = time.process_time()
    gathered = gather.gather(made.store, made.seals, [MINE], FIRST + DAY, FIRST + 30 * DAY)
    pieces = bundle_make.make(made.office, gathered)
    bundle_pieces.write_zip(pieces, tmp_path / "bundle.zip")
    assert time.process_time() - started < 20
    assert (tmp_path / "bundle.zip").stat().st_size < 25_000_000
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    ran = run_shell(pieces, tmp_path / "bundle", made.authority.fingerprint)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    assert "0 pages absentes, 0 dates tardives" in ran.stdout, ran
    assert after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime < 5


def test_a_store_without_the_log_gives_no_bundle(store: Store, kept: Installation) -> None:
    store.record_targets(two_targets())
    with pytest.raises(BadInput, match="holds no record"):
        gather.gather(store, kept.seals, [MINE], FIRST, LAST)
