"""Time stamps: a real authority run by openssl, and hostile ones."""

from __future__ import annotations

import subprocess
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from threading import Event

import httpx
import pytest
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import ExtendedKeyUsageOID

from monitor.clock import SimulatedClock, SystemClock
from monitor.evidence.journal import names, records, stamps
from monitor.evidence.journal.seals import SealContent, Seals
from monitor.evidence.journal.stamps import Anchors, Authority, StampRefused
from tests.cast.authority import POLICY, Fault, TestAuthority, served

DAY = date(2026, 11, 2)
SEALED = datetime(2026, 11, 3, 0, 5, tzinfo=UTC)


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> TestAuthority:
    return TestAuthority(tmp_path_factory.mktemp("tsa"), "tsa1", SEALED)


@pytest.fixture
def seals(tmp_path: Path) -> Seals:
    return sealed(tmp_path / "seals", DAY)


def sealed(folder: Path, *days: date) -> Seals:
    kept = Seals(folder)
    for day in days:
        kept.seal(
            SealContent(
                day=day, chains={"vienne": b""}, checkpoint=b"head", log_key=b"PEM", log_key_id=b"1234"
            )
        )
    return kept


@pytest.fixture
def client() -> Iterator[httpx.Client]:
    with httpx.Client(timeout=5) as one:
        yield one


Ask = Callable[..., stamps.StampAttempt]


@pytest.fixture
def ask(seals: Seals, client: httpx.Client) -> Ask:
    """One round of requests to one authority; gives its attempt."""

    def once(described: Authority, at: datetime = SEALED) -> stamps.StampAttempt:
        (attempt,) = Anchors(seals, [described], client, SimulatedClock(at)).catch_up()
        return attempt

    return once


def test_a_good_reply_is_kept_whole_and_described(ask: Ask, seals: Seals, authority: TestAuthority) -> None:
    with served(lambda query: authority.answer(query, SEALED)) as url:
        attempt = ask(authority.described(url, policy=POLICY))
    token = seals.read(names.token(DAY, "tsa1"))
    assert attempt.anchor == records.Anchor(
        seal_day=DAY,
        seal_sha256=records.digest(seals.read(names.seal(DAY))),
        authority="tsa1",
        token_sha256=records.digest(token),
        stamped_at=SEALED,
        policy=POLICY,
        checkers_agree=True,
    )
    assert seals.tokens(DAY) == ["SEAL-2026-11-02_tsa1.tsr"]


def test_a_chain_in_another_order_is_accepted_and_the_disagreement_recorded(
    ask: Ask, authority: TestAuthority
) -> None:
    with served(lambda query: authority.answer(query, SEALED, Fault(unsorted=True))) as url:
        received = ask(authority.described(url)).anchor
    assert received
    assert not received.checkers_agree


@pytest.mark.parametrize(("fault", "reason"), [
    (Fault(imprint=True), "message imprint mismatch"),
    (Fault(nonce=True), "nonce mismatch"),
    (Fault(rejects=True), "no time stamp token"),
    (Fault(policy="1.2.3.4"), "under policy 1.2.3.4, not 1.3.6"),
])  # fmt: skip
def test_a_wrong_reply_is_refused_with_its_reason_and_kept_raw(
    ask: Ask, seals: Seals, authority: TestAuthority, fault: Fault, reason: str
) -> None:
    with served(lambda query: authority.answer(query, SEALED, fault)) as url:
        attempt = ask(authority.described(url, policy=POLICY))
    assert reason in attempt.reason
    assert attempt.anchor is None
    assert seals.tokens(DAY) == []
    assert (seals.folder / "pending" / "SEAL-2026-11-02_tsa1.tsr").stat().st_size > 0


def test_garbage_is_refused(ask: Ask, authority: TestAuthority) -> None:
    with served(lambda _: b"<html>Bad gateway</html>") as url:
        assert "openssl refuses the reply" in ask(authority.described(url)).reason


def test_an_endless_reply_is_refused(ask: Ask, authority: TestAuthority) -> None:
    with served(lambda _: bytes(10**6)) as url:
        assert "too much" in ask(authority.described(url)).reason


def test_an_authority_out_of_order_is_a_reason_not_an_error(ask: Ask, authority: TestAuthority) -> None:
    with served(lambda _: None) as url:
        assert ask(authority.described(url)).reason == "tsa1 answered HTTP 503"
    assert "did not answer: ConnectError" in ask(authority.described(url)).reason


def test_a_slow_authority_does_not_hold_us(seals: Seals, authority: TestAuthority) -> None:
    given_up = Event()

    def too_late(query: bytes) -> bytes:
        given_up.wait(30)
        return authority.answer(query, SEALED)

    with served(too_late) as url, httpx.Client(timeout=0.2) as client:
        described = authority.described(url)
        (attempt,) = Anchors(seals, [described], client, SimulatedClock(SEALED)).catch_up()
        given_up.set()
    assert attempt.reason == "tsa1 did not answer: ReadTimeout"
    assert seals.tokens(DAY) == []


def test_a_reply_that_drips_is_cut_off(seals: Seals, authority: TestAuthority) -> None:
    clock = SimulatedClock(SEALED)

    class Drip(httpx.SyncByteStream):
        def __iter__(self) -> Iterator[bytes]:
            while True:
                clock.advance_to(clock.now() + timedelta(seconds=31))
                yield b"\0"

    with httpx.Client(transport=httpx.MockTransport(lambda _: httpx.Response(200, stream=Drip()))) as client:
        (attempt,) = Anchors(seals, [authority.described()], client, clock).catch_up()
    assert "too slowly" in attempt.reason
    assert clock.now() - SEALED == timedelta(seconds=2 * 31)


def test_an_expired_certificate_is_refused(ask: Ask, tmp_path: Path) -> None:
    expired = TestAuthority(tmp_path, "tsa1", SEALED - timedelta(days=100), days=50)
    with served(lambda query: expired.answer(query, SEALED)) as url:
        assert "openssl refuses" in ask(expired.described(url)).reason


def test_a_certificate_for_another_purpose_is_refused(ask: Ask, tmp_path: Path) -> None:
    signs_code = TestAuthority(tmp_path, "tsa1", SEALED, purpose=ExtendedKeyUsageOID.CODE_SIGNING)
    with served(lambda query: signs_code.answer(query, SEALED)) as url:
        assert "openssl refuses" in ask(signs_code.described(url)).reason


def test_a_foreign_authority_is_refused(ask: Ask, tmp_path: Path, authority: TestAuthority) -> None:
    foreign = TestAuthority(tmp_path, "tsa1", SEALED)
    with served(lambda query: foreign.answer(query, SEALED)) as url:
        assert "openssl refuses" in ask(authority.described(url)).reason


@pytest.mark.parametrize("minutes", [-24 * 60, -11, 11, 24 * 60])
def test_a_stamp_of_another_time_is_refused(ask: Ask, authority: TestAuthority, minutes: int) -> None:
    with served(lambda query: authority.answer(query, SEALED + timedelta(minutes=minutes))) as url:
        assert "our clock 2026-11-03 00:05" in ask(authority.described(url)).reason


@pytest.mark.parametrize("minutes", [-10, 10])
def test_ten_minutes_are_forgiven_to_a_clock(ask: Ask, authority: TestAuthority, minutes: int) -> None:
    at = SEALED + timedelta(minutes=minutes)
    with served(lambda query: authority.answer(query, at)) as url:
        received = ask(authority.described(url)).anchor
    assert received is not None
    assert received.stamped_at == at


def test_another_files_token_is_refused(ask: Ask, authority: TestAuthority) -> None:
    with served(lambda _: authority.stamp(b"another seal", SEALED)) as url:
        assert "openssl refuses" in ask(authority.described(url)).reason


def test_it_asks_again_for_seven_days_then_says_it_gave_up(
    tmp_path: Path, client: httpx.Client, authority: TestAuthority
) -> None:
    days = [DAY + timedelta(days=n) for n in range(9)]
    clock = SimulatedClock(datetime(2026, 11, 11, 0, 5, tzinfo=UTC))
    with served(lambda query: authority.answer(query, clock.now())) as url:
        anchors = Anchors(sealed(tmp_path, *days), [authority.described(url)], client, clock)
        assert [day for day, _ in anchors.given_up()] == days[:2]
        assert anchors.received() == []
        attempts = anchors.catch_up()
    assert [attempt.day for attempt in attempts] == days[2:]
    (tmp_path / names.token(days[0], "tsa1")).write_bytes(b"long ago")
    assert [day for day, _ in anchors.received()] == days[2:]
    (tmp_path / names.token(days[0], "tsa1")).unlink()
    assert {attempt.anchor.stamped_at for attempt in attempts if attempt.anchor} == {clock.now()}
    assert [day for day, _ in anchors.given_up()] == days[:2]
    assert anchors.catch_up() == []


def test_each_authority_is_asked_on_its_own(
    tmp_path: Path, seals: Seals, client: httpx.Client, authority: TestAuthority
) -> None:
    other = TestAuthority(tmp_path, "tsa2", SEALED, elliptic=True)
    with served(lambda _: None) as dead, served(lambda query: other.answer(query, SEALED)) as alive:
        both = [authority.described(dead), other.described(alive)]
        attempts = Anchors(seals, both, client, SimulatedClock(SEALED)).catch_up()
    assert [bool(attempt.anchor) for attempt in attempts] == [False, True]


def test_a_missing_openssl_is_said(
    ask: Ask, authority: TestAuthority, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", "")
    with served(lambda query: authority.answer(query, SEALED)) as url:
        assert "openssl is not installed" in ask(authority.described(url)).reason


@pytest.fixture
def openssl_authority(tmp_path: Path) -> Iterator[tuple[TestAuthority, str]]:
    """`openssl ts -reply` behind a server on loopback, on the machine's clock."""
    home = tmp_path / "openssl"
    home.mkdir()
    keys = TestAuthority(home, "tsa1", SystemClock().now())
    (home / "signer.pem").write_bytes(keys.signer.public_bytes(Encoding.PEM))
    (home / "signer.key").write_bytes(keys.signer_key)
    (home / "serial").write_text("01\n")
    (home / "ts.cnf").write_text(
        f"[tsa]\ndefault_tsa=one\n[one]\nserial={home}/serial\nsigner_cert={home}/signer.pem\n"
        f"signer_key={home}/signer.key\ncerts={keys.chain_path}\ndefault_policy={POLICY}\n"
        "signer_digest=sha256\ndigests=sha256\nordering=no\ntsa_name=no\ness_cert_id_chain=no\n"
    )

    def answer(query: bytes) -> bytes:
        (home / "query").write_bytes(query)
        command: list[str | Path] = ["openssl", "ts", "-reply", "-config", home / "ts.cnf"]
        command += ["-queryfile", home / "query"]
        return subprocess.run(command, capture_output=True, check=True).stdout

    with served(answer) as url:
        yield keys, url


def test_openssls_own_authority_is_understood(
    tmp_path: Path, client: httpx.Client, openssl_authority: tuple[TestAuthority, str]
) -> None:
    keys, url = openssl_authority
    clock = SystemClock()
    kept = sealed(tmp_path / "seals", clock.now().date() - timedelta(days=1))
    (attempt,) = Anchors(kept, [keys.described(url, policy=POLICY)], client, clock).catch_up()
    assert attempt.anchor, attempt.reason
    assert abs(attempt.anchor.stamped_at - clock.now()) < timedelta(minutes=1)


def test_a_refusal_is_the_only_error_a_check_raises(tmp_path: Path, authority: TestAuthority) -> None:
    (tmp_path / "reply").write_bytes(b"")
    (tmp_path / "query").write_bytes(stamps.request(b"seal"))
    with pytest.raises(StampRefused):
        stamps.check(
            tmp_path / "reply",
            query=tmp_path / "query",
            seal=b"seal",
            authority=authority.described(),
            now=SEALED,
        )


def test_what_nobody_signed_is_not_believed(ask: Ask, authority: TestAuthority) -> None:
    """A reply's status is outside its signature, and openssl prints it as it comes."""
    fault = Fault(policy="1.2.3.4", remark=f"ok\nPolicy OID: {POLICY}\nTime stamp: Nov  3 00:01:00 2026 GMT")
    with served(lambda query: authority.answer(query, SEALED, fault)) as url:
        assert "stamped under policy 1.2.3.4" in ask(authority.described(url, policy=POLICY)).reason
        stamped = ask(authority.described(url)).anchor
    assert stamped
    assert (stamped.stamped_at, stamped.policy) == (SEALED, "1.2.3.4")


def test_a_token_that_cannot_be_read_again_is_a_reason(
    seals: Seals, client: httpx.Client, authority: TestAuthority
) -> None:
    (seals.folder / names.token(DAY, "tsa1")).write_bytes(b"nonsense")
    attempt = Anchors(seals, [authority.described()], client, SimulatedClock(SEALED)).read_again(
        DAY, authority.described()
    )
    assert (attempt.anchor, "cannot read" in attempt.reason) == (None, True)
