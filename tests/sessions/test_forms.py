import pytest

from probes.failures import Failed, Failure
from probes.sessions.http.forms import Submission, submission

PAGE = "https://www.vienne.gouv.fr/booking/create/1"


def sent(
    inside: str, values: dict[str, str] | None = None, button: str | None = None, form: str = "<form>"
) -> Submission:
    return submission(f"<body>{form}{inside}</form></body>", PAGE, "form", values or {}, button)


@pytest.mark.parametrize(
    ("inside", "pairs"),
    [
        ("<input name=a value=1>", (("a", "1"),)),
        ("<input type=hidden name=a>", (("a", ""),)),
        ("<input value=1>", ()),
        ("<input name=a value=1 disabled>", ()),
        ("<fieldset disabled><p><input name=a value=1></p></fieldset>", ()),
        ("<input type=checkbox name=a>", ()),
        ("<input type=checkbox name=a checked>", (("a", "on"),)),
        ("<input type=radio name=a value=1><input type=radio name=a value=2 checked>", (("a", "2"),)),
        ("<input type=file name=a>", ()),
        ("<input type=submit name=a value=1><button name=b>b</button><input type=image name=c>", ()),
        ("<input type=reset name=a value=1><input type=button name=b value=2>", ()),
        ("<button name=a type=reset>a</button><button name=b type=button>b</button>", ()),
        ("<select name=a><option selected>1<option selected>2</select>", (("a", "2"),)),
        ("<textarea name=a>\n\nune</textarea>", (("a", "\nune"),)),
        ("<textarea name=a>\nune\nligne</textarea>", (("a", "une\nligne"),)),
        ("<select name=a><option>un  peu<option value=2>deux</select>", (("a", "un peu"),)),
        ("<select name=a><option value=1><option value=2 selected></select>", (("a", "2"),)),
        ("<select name=a><option value=1 disabled><option value=2></select>", (("a", "2"),)),
        (
            "<select name=a multiple><option value=1 selected><option selected>2</select>",
            (("a", "1"), ("a", "2")),
        ),
        ("<select name=a></select>", ()),
    ],
)
def test_an_untouched_form_sends_what_a_browser_would(
    inside: str, pairs: tuple[tuple[str, str], ...]
) -> None:
    assert sent(inside).pairs == pairs


def test_a_chosen_radio_replaces_the_one_that_was_ticked() -> None:
    inside = "<input type=radio name=a value=1 checked><input type=radio name=a value=2>"
    assert sent(inside, {"a": "2"}).pairs == (("a", "2"),)


def test_a_chosen_box_leaves_its_neighbours_ticked() -> None:
    inside = "<input type=checkbox name=a value=1 checked><input type=checkbox name=a value=2>"
    assert sent(inside, {"a": "2"}).pairs == (("a", "1"), ("a", "2"))


@pytest.mark.parametrize(
    "inside",
    [
        "<select name=a><option value=1><option value=2></select>",
        "<input name=a value=1>",
        "<textarea name=a></textarea>",
    ],
)
def test_a_value_is_given_to_the_control_that_takes_it(inside: str) -> None:
    assert sent(inside, {"a": "2"}).pairs == (("a", "2"),)


def test_fields_elsewhere_on_the_page_belong_to_the_form_they_name() -> None:
    html = (
        "<form id=f><input name=a value=1><input name=b value=2 form=g></form><input name=c value=3 form=f>"
    )
    assert submission(html, PAGE, "form", {}, None).pairs == (("a", "1"), ("c", "3"))


@pytest.mark.parametrize("button", ["go", "b1", "Suivant", "Étape suivante"])
def test_a_button_goes_by_its_name_its_id_or_its_label(button: str) -> None:
    inside = (
        "<input type=submit name=other value=Retour>"
        "<button id=b1 name=go value=1>Suivant</button>"
        "<input type=submit name=step value='Étape suivante'>"
    )
    expected = ("step", "Étape suivante") if button.startswith("É") else ("go", "1")
    assert sent(inside, button=button).pairs == (expected,)


def test_of_several_buttons_a_name_counts_before_an_id_a_value_and_a_label() -> None:
    ways = [
        "<button name=d>go</button>",
        "<input type=submit name=c value=go>",
        "<button id=go name=b>x</button>",
        "<button name=go>y</button>",
    ]
    for last, expected in ((4, "go"), (3, "b"), (2, "c"), (1, "d")):
        assert [name for name, _ in sent("".join(ways[:last]), button="go").pairs] == [expected]


@pytest.mark.parametrize(
    ("inside", "values", "button", "said"),
    [
        ("<input name=b>", {"a": "1"}, None, "no usable field a"),
        ("<input name=a disabled>", {"a": "1"}, None, "no usable field a"),
        ("<input type=radio name=a value=2>", {"a": "1"}, None, "field a for '1'"),
        ("<select name=a><option value=1 disabled></select>", {"a": "1"}, None, "field a for '1'"),
        ("<input type=submit name=a value=1>", {"a": "1"}, None, "no usable field a"),
        *(
            (f"<input type={kind} name=a>", {"a": "1"}, None, "no usable field a")
            for kind in ("file", "reset", "button", "image")
        ),
        ("<input type=submit name=go disabled>", {}, "go", "no usable button go"),
        ("<input type=button name=go>", {}, "go", "no usable button go"),
    ],
)
def test_what_a_person_could_not_do_is_a_missing_form(
    inside: str, values: dict[str, str], button: str | None, said: str
) -> None:
    with pytest.raises(Failed, match=said) as missing:
        sent(inside, values, button)
    assert missing.value.failure is Failure.FORM_MISSING


def test_a_form_that_is_not_there_is_missing() -> None:
    with pytest.raises(Failed, match="no form form#create"):
        submission("<p>", PAGE, "form#create", {}, None)


@pytest.mark.parametrize(
    ("form", "url"),
    [
        ("<form>", PAGE),
        ("<form action=''>", PAGE),
        ("<form action='/booking/create/1/0'>", "https://www.vienne.gouv.fr/booking/create/1/0"),
        ("<form action='2#bas'>", "https://www.vienne.gouv.fr/booking/create/2"),
        ("<form action='http://www.vienne.gouv.fr/booking/create/1'>", PAGE),
        ("<base href='/elsewhere/'><form action='2'>", "https://www.vienne.gouv.fr/elsewhere/2"),
        ("<base href='/elsewhere/'><form>", PAGE),
    ],
)
def test_it_goes_to_the_forms_own_action_and_never_down_to_http(form: str, url: str) -> None:
    assert sent("", form=form).url == url


def test_a_button_may_have_an_action_and_a_method_of_its_own() -> None:
    inside = "<button name=go formaction=/other formmethod=post>Suivant</button>"
    form = sent(inside, button="go")
    assert (form.method, form.url) == ("POST", "https://www.vienne.gouv.fr/other")


def test_a_get_form_replaces_the_query_of_its_action() -> None:
    form = sent("<input name=a value='é &'>", form="<form action='/p?old=1'>")
    assert form.method == "GET"
    assert form.address("utf-8") == "https://www.vienne.gouv.fr/p?a=%C3%A9+%26"


def test_values_are_sent_in_the_pages_own_encoding() -> None:
    form = sent("<input name=a value='é€ж'>", form="<form method=post>")
    assert form.query("cp1252") == "a=%E9%80%26%231078%3B"
    assert form.address("cp1252") == PAGE
