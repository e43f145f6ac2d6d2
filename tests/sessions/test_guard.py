import asyncio
from collections.abc import Sequence

import httpx
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from probes.failures import Failed, Failure
from probes.sessions.guard import Allowance, StopLineCrossed, StopLineGuard, as_json, system_resolver
from probes.stop_line import Call, Field, Form, StopLine, asked

PUBLIC = Allowance(frozenset({"www.vienne.gouv.fr", "rdv.anct.gouv.fr"}))
DEMO = Allowance(PUBLIC.hosts, local=True)


def refusal(allowance: Allowance, url: str) -> Failure | None:
    try:
        allowance.check(url)
    except Failed as exc:
        return exc.failure
    return None


@pytest.mark.parametrize(
    "url",
    [
        "https://www.vienne.gouv.fr/booking/create/1",
        "https://www.vienne.gouv.fr:443/",
        "https://WWW.Vienne.gouv.fr/",
        "https://rdv.anct.gouv.fr/prendre_rdv?departement=86&motif=é",
        "https://www.vienne.gouv.fr/?to=http://127.0.0.1/",
    ],
)
def test_it_lets_the_targets_own_hosts_through_over_https(url: str) -> None:
    assert refusal(PUBLIC, url) is None


@pytest.mark.parametrize(
    "url",
    [
        "http://localhost:9000/",
        "http://vienne.localhost:9000/booking/create/1",
        "https://a.b.localhost/",
        "http://127.0.0.1:9000/",
        "http://127.8.9.1/",
        "https://www.vienne.gouv.fr/",
    ],
)
def test_the_demo_may_also_reach_this_machine(url: str) -> None:
    assert refusal(DEMO, url) is None


NEVER = [
    "http://www.vienne.gouv.fr/",
    "https://www.vienne.gouv.fr:8443/",
    "https://www.vienne.gouv.fr:80/",
    "https://vienne.gouv.fr/",
    "https://other.www.vienne.gouv.fr/",
    "https://evilwww.vienne.gouv.fr/",
    "https://www.vienne.gouv.fr.evil.example/",
    "https://evil.example/www.vienne.gouv.fr",
    "https://www.vienne.gouv.fr./",
    "https://www.vienne.gouv.fr@evil.example/",
    "https://evil.example@www.vienne.gouv.fr/",
    "https://user:word@www.vienne.gouv.fr/",
    "https://evil.example\\@www.vienne.gouv.fr/",
    "https://www.vienne.gouv.fr\\.evil.example/",
    "https://www.vienne.gouv.fr%2eevil.example/",
    "https://www.vienne.gouv.fr\t.evil.example/",
    "https://www.vienne.gouv.fr /",
    "\nhttps://www.vienne.gouv.fr/",
    "https:///www.vienne.gouv.fr/",
    "https:www.vienne.gouv.fr/",
    "//www.vienne.gouv.fr/",
    "/booking/create/1",
    "",
    "https://",
    "https://www.vienne.gouv.fr:99999/",
    "https://www.vienne.gouv.fr:abc/",
    "https://[::1/",
    "https://ｗｗｗ.vienne.gouv.fr/",
    "https://www.vienne。gouv.fr/",
    "file:///etc/passwd",
    "ftp://www.vienne.gouv.fr/",
    "javascript:alert(1)",
    "data:text/html,<p>",
    "view-source:https://www.vienne.gouv.fr/",
    "ws://www.vienne.gouv.fr/",
    "https://8.8.8.8/",
    "http://10.0.0.1/",
    "http://169.254.169.254/latest/meta-data/",
    "http://[::ffff:10.0.0.1]/",
    "http://[fe80::1%25eth0]/",
    "http://192.168.1.1/",
    "http://0.0.0.0/",
]
LOCAL_LOOKALIKES = [
    "http://2130706433/",
    "http://0x7f.0.0.1/",
    "http://0177.0.0.1/",
    "http://127.1/",
    "http://[::1]:9000/",
    "http://localhost.evil.example/",
    "http://notlocalhost/",
    "http://localhost./",
    "ftp://localhost/",
    "http://128.0.0.1/",
]


@pytest.mark.parametrize("url", NEVER)
def test_it_refuses_everything_else_even_in_the_demo(url: str) -> None:
    assert refusal(PUBLIC, url) is Failure.HOST_NOT_ALLOWED
    assert refusal(DEMO, url) is Failure.HOST_NOT_ALLOWED


@pytest.mark.parametrize("url", LOCAL_LOOKALIKES)
def test_the_demo_knows_this_machine_from_its_lookalikes(url: str) -> None:
    assert refusal(DEMO, url) is Failure.HOST_NOT_ALLOWED


pieces = st.lists(
    st.sampled_from(
        [
            "https:",
            "http:",
            "//",
            "/",
            "\\",
            "@",
            ":",
            "443",
            "www.vienne.gouv.fr",
            "evil.example",
            "?",
            "#",
            "%2e",
        ]
    )
    | st.characters(),
    max_size=9,
).map("".join)


@given(pieces)
@example("https://www.vienne.gouv.fr/")
def test_whatever_passes_another_parser_sends_to_the_same_host(url: str) -> None:
    if refusal(PUBLIC, url) is None:
        parsed = httpx.URL(url)
        assert (parsed.scheme, parsed.host, parsed.port) == ("https", "www.vienne.gouv.fr", None)


@pytest.mark.parametrize("url", ["http://localhost:9000/", "http://demo.localhost/", "https://127.0.0.1/"])
def test_this_machine_is_out_of_reach_outside_the_demo(url: str) -> None:
    assert refusal(PUBLIC, url) is Failure.HOST_NOT_ALLOWED


@pytest.mark.parametrize("address", ["8.8.8.8", "185.75.143.24", "2a01:e0a::1", "2001:4860:4860::8888"])
def test_it_connects_to_public_addresses(address: str) -> None:
    PUBLIC.check_address("www.vienne.gouv.fr", address)


@pytest.mark.parametrize(
    "address",
    """
    127.0.0.1 0.0.0.0 10.0.0.1 172.16.0.1 192.168.0.1 169.254.169.254 100.64.0.1 100.127.255.254
    192.0.0.8 192.0.2.1 192.88.99.1 198.18.0.1 198.51.100.1 203.0.113.1 224.0.0.1 240.0.0.1
    255.255.255.255 :: ::1 ::ffff:8.8.8.8 ::ffff:10.0.0.1 ::8.8.8.8 64:ff9b::a00:1 64:ff9b:1::1
    100::1 2001::1 2001:db8::1 2002:a00:1:: 3fff::1 5f00::1 fc00::1 fd12::1 fe80::1 fe80::1%eth0
    fec0::1 ff02::1
    """.split(),
)
def test_it_refuses_every_other_address(address: str) -> None:
    with pytest.raises(Failed, match="not a public address") as refused:
        PUBLIC.check_address("www.vienne.gouv.fr", address)
    assert refused.value.failure is Failure.ADDRESS_REFUSED


def test_a_public_host_at_loopback_is_refused_in_the_demo_too() -> None:
    with pytest.raises(Failed, match=r"127\.0\.0\.1"):
        DEMO.check_address("www.vienne.gouv.fr", "127.0.0.1")


def test_a_local_host_is_never_looked_up() -> None:
    async def resolve(host: str) -> Sequence[str]:
        raise AssertionError(host)

    assert asyncio.run(DEMO.addresses("vienne.localhost", resolve)) == ("127.0.0.1",)
    assert asyncio.run(DEMO.addresses("127.3.2.1", resolve)) == ("127.3.2.1",)


def test_every_address_that_this_machine_knows_is_found_once(monkeypatch: pytest.MonkeyPatch) -> None:
    async def known(loop: object, host: str, port: None, **more: object) -> list[tuple[object, ...]]:
        return [(0, 0, 0, "", (address, 0)) for address in ("8.8.8.8", "2a01:e0a::1", "8.8.8.8", "10.0.0.1")]

    monkeypatch.setattr("asyncio.BaseEventLoop.getaddrinfo", known)
    assert asyncio.run(system_resolver("a.fr")) == ["8.8.8.8", "2a01:e0a::1", "10.0.0.1"]


def test_one_private_address_among_public_ones_refuses_the_host() -> None:
    async def resolve(host: str) -> Sequence[str]:
        return ["8.8.8.8", "10.0.0.1"]

    with pytest.raises(Failed, match=r"10\.0\.0\.1"):
        asyncio.run(PUBLIC.addresses("www.vienne.gouv.fr", resolve))


FORM = Form(
    selector="form#create",
    fields=(Field(name="planning", values="[0-9]{1,5}"), Field(name="condition", values="on")),
    buttons=("nextButton",),
)
CALL = Call(
    path="/api/slots", fields=(Field(name="days", values=r"\[(\d,?)+\]"), Field(name="user", values="null"))
)
LIST = Call(
    path="/api/list", fields=(Field(name="size", values="10"), Field(name="at", values='{"a":1,"b":2}'))
)
LINE = StopLineGuard(
    StopLine(
        paths=(r"/booking/create/\d+(/[0-4])?", "/"), forms=(FORM,), calls=(CALL, LIST), controls=("#day",)
    )
)


@pytest.mark.parametrize(
    "path", ["/booking/create/12", "/booking/create/12/4", "", "/", "/booking/create/12#calendrier"]
)
def test_a_walk_may_open_what_its_stop_line_lists(path: str) -> None:
    LINE.check_page("https://www.vienne.gouv.fr" + path)


@pytest.mark.parametrize(
    "path",
    [
        "/booking/create/12/5/1700000000",
        "/booking/create/12/4?x=1",
        "/booking/create/12/4/",
        "/x/booking/create/12",
        "/booking/create/12\n",
        "//booking/create/12",
        "/booking/create/12/../13",
        "/booking/create/12/%2e%2E/13",
        "/booking/create/12/%34",
        "/bookin%67/create/12",
    ],
)
def test_what_the_stop_line_does_not_list_in_full_is_off_limits(path: str) -> None:
    with pytest.raises(StopLineCrossed, match="does not list"):
        LINE.check_page("https://www.vienne.gouv.fr" + path)


@pytest.mark.parametrize("path", ["/a/b", "/a/b;jsessionid=1", "/a.b/..c/d..", "/a?b=%C3%A9+%2F%5Bc%5D"])
def test_where_everything_is_listed_an_ordinary_address_passes(path: str) -> None:
    assert StopLineGuard(StopLine(paths=(".*",))).allows(f"https://www.vienne.gouv.fr{path}")


@pytest.mark.parametrize(
    "path",
    [
        "/a/../b",
        "/a/..",
        "/a/..;/b",
        "/a/.%2E/b",
        "/a%2F..%2fb",
        "/a%5cb",
        "/%61/b",
        "/a/%31",
        "/a?%70rescripteur=1",
        "/a?%2570rescripteur=1",
    ],
)
def test_what_servers_read_differently_is_off_limits_even_where_everything_is_listed(path: str) -> None:
    everything = StopLine(paths=(".*",), calls=(Call(path=".*", fields=()),))
    assert not StopLineGuard(everything).allows(f"https://www.vienne.gouv.fr{path}")
    with pytest.raises(StopLineCrossed, match="does not list"):
        StopLineGuard(everything).check_call(f"https://www.vienne.gouv.fr{path}", {})


def test_a_declared_submission_passes() -> None:
    LINE.check_submission("form#create", {"planning": "42", "condition": "on"}, "nextButton")
    LINE.check_submission("form#create", {}, None)


@pytest.mark.parametrize(
    ("selector", "values", "button", "said"),
    [
        ("form", {}, None, "a form its stop line does not list"),
        ("form#create", {}, "finishButton", "not a declared button"),
        ("form#create", {}, "", "not a declared button"),
        ("form#create", {"planning": "42", "nom": "Dupont"}, None, "'nom', not a declared field"),
        ("form#create", {"nom": "Dupont"}, None, "'nom', not a declared field"),
        ("form#create", {"planning": "42 or 43"}, None, "'42 or 43'"),
        ("form#create", {"planning": "42\n"}, None, "does not allow"),
    ],
)
def test_any_other_submission_is_our_fault(
    selector: str, values: dict[str, str], button: str | None, said: str
) -> None:
    with pytest.raises(StopLineCrossed, match=said):
        LINE.check_submission(selector, values, button)


def test_a_form_may_be_bound_to_the_pages_on_which_it_asks_for_nothing_more() -> None:
    line = StopLineGuard(StopLine(paths=(".*",), forms=(FORM, Form(selector="form#go", on="/step/[01]"))))
    site = "https://www.vienne.gouv.fr"
    assert [line.allows_form("form#go", f"{site}/step/{n}") for n in range(3)] == [True, True, False]
    assert line.allows_form("form#create", f"{site}/step/2")
    assert not line.allows_form("form#go", f"{site}/step/0/coordonnees")
    assert not line.allows_form("form#other", f"{site}/step/0")


def test_a_declared_call_passes() -> None:
    LINE.check_call("https://www.vienne.gouv.fr/api/slots", {"days": [1, 2], "user": None})
    LINE.check_call("https://www.vienne.gouv.fr/api/list", {"at": {"b": 2, "a": 1}, "size": 10})


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/api/book", {}),
        ("/api/slots?x=1", {}),
        ("/api/slots", {"user": "Dupont"}),
        ("/api/slots", {"days": ["1"]}),
        ("/api/slots", {"mail": None}),
        ("/api/list", {"size": 100}),
    ],
)
def test_any_other_call_is_our_fault(path: str, body: dict[str, object]) -> None:
    with pytest.raises(StopLineCrossed, match="does not list"):
        LINE.check_call("https://www.vienne.gouv.fr" + path, body)


def test_only_declared_controls_unfold() -> None:
    LINE.check_control("#day")
    with pytest.raises(StopLineCrossed, match="#slot"):
        LINE.check_control("#slot")


OWN = StopLineGuard(StopLine(paths=("/rdv(?:/[0-9]+)?",), scripts=("/rdv/[0-9]+/heures", r"/api\?jour=\d+")))
SITE = "https://www.vienne.gouv.fr"


@pytest.mark.parametrize(
    ("path", "allowed"),
    [
        ("/static/a.css", True),
        ("/static/a.css?v=3", True),
        ("/static/app.min.mjs", True),
        ("/img/LOGO.PNG", True),
        ("/app.js;jsessionid=A1.b", True),
        ("/a.woff2", True),
        ("/a.vtt", True),
        ("/a.html", False),
        ("/a.php", False),
        ("/a.css/", False),
        ("/a", False),
        ("/.css", False),
        ("/book?file=a.css", False),
        ("/book;a.css", False),
        ("/app.js;x=1", False),
        ("/rdv/12/take/a.png", False),
        ("/rdv/12/a.png", False),
        ("/rdv/a.png", False),
        ("/rdvs/a.png", True),
        ("/static/../rdv/12/a.png", False),
        ("/static%2fa.png", False),
    ],
)
def test_a_page_is_made_of_files_that_lie_below_no_declared_page(path: str, *, allowed: bool) -> None:
    assert OWN.allows_file(SITE + path) is allowed


FILES = """
    css js mjs map png jpg jpeg gif svg webp avif ico bmp cur woff woff2 ttf otf eot mp3 mp4 webm ogg wav vtt
    """.split()


@pytest.mark.parametrize("ending", FILES)
def test_each_kind_of_file_is_known_by_its_ending(ending: str) -> None:
    assert OWN.allows_file(f"{SITE}/a.{ending}")
    assert not OWN.allows_file(f"{SITE}/a.{ending}x")
    assert not OWN.allows_file(f"{SITE}/a{ending}")


@pytest.mark.parametrize(
    ("path", "method", "allowed"),
    [
        ("/rdv/12", "GET", True),
        ("/rdv/12", "POST", False),
        ("/rdv/12/heures", "GET", True),
        ("/rdv/12/heures", "POST", True),
        ("/rdv/12/heures?x=1", "POST", False),
        ("/rdv/12/heures/9h30", "POST", False),
        ("/api?jour=3", "POST", True),
        ("/api", "POST", False),
        ("/rdv/1%32/heures", "POST", False),
        ("/book", "GET", False),
    ],
)
def test_a_page_s_own_script_asks_for_what_is_listed(path: str, method: str, *, allowed: bool) -> None:
    assert OWN.allows_script(SITE + path, method) is allowed


@pytest.mark.parametrize(
    ("url", "listed"),
    [
        (f"{SITE}/rdv", True),
        (f"{SITE}/rdv#jour", True),
        (f"{SITE}/rdv?x=1", False),
        (f"{SITE}/rdv/12/take", False),
        (f"{SITE}/x/rdv", False),
        ("/rdv", False),
        ("ftp://www.vienne.gouv.fr/rdv", False),
    ],
)
def test_a_stop_line_lists_whole_paths_and_queries(url: str, *, listed: bool) -> None:
    assert StopLine(paths=("/rdv",)).lists(url) is listed


def test_the_root_may_be_asked_for_without_a_slash() -> None:
    assert [asked(f"https://a.fr{rest}") for rest in ("", "?x=1", "#x", "/a?b=/c#d")] == [
        "/",
        "/?x=1",
        "/",
        "/a?b=/c",
    ]


def test_what_is_sent_is_compact_sorted_and_keeps_its_accents() -> None:
    assert as_json({"b": ["é", None], "a": True}) == '{"a":true,"b":["é",null]}'
