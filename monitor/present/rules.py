"""What each rule of a reading means, in one sentence for an operator. Pure.

`docs/rules.md` is made from these sentences. A test finds every rule that the readers and the contract give
and fails when one has no sentence here.
"""

from __future__ import annotations

from collections.abc import Mapping

from monitor.present.words import label
from monitor.rules.agreement import IN_DOUBT, RESTLESS
from probes.failures import Failure

ANSWERS: Mapping[str, str] = {
    "alert": "The motive was sent, and the page answered with its own alert that no appointment is possible.",
    "all_taken": "The page that answers says that every slot is taken.",
    "calendar": "The calendar shows days that can be chosen.",
    "calendar_step": "The button that leads to the slots can be pressed; no hour was read behind it.",
    "days": "The server's list names days with slots.",
    "form_open": "The form's public page has the button by which a request is begun.",
    "free_links": "The calendar shows free hours that can be chosen.",
    "hours": "The week shown has hours that can be chosen.",
    "list": "The page lists slots that can be chosen.",
    "next_availability": "The page names the next day with slots, beside a button or link that leads there.",
    "no_calendar": "The page that answers says that no calendar is published.",
    "no_day": "The server's list is empty, and says nothing else.",
    "none_found": "The page that answers says that no slot was found for this search.",
    "none_sentence": "The page that answers says in its usual sentence that there is no slot.",
    "soonest": "The page names its soonest slot.",
    "undated_days": "The server's list has days with slots, of which no date could be read.",
    "unspecified": "The page that answers says that there is no slot, and not why.",
    "week": "The week shown has slots that can be chosen.",
}
"""Rules by which a page answers."""

OBSTACLES: Mapping[str, str] = {
    "captcha": "A CAPTCHA stands before the answer.",
    "captchetat": "The State's CAPTCHA (captchEtat) stands before the answer.",
    "closed_since": "The page says since which day the form is closed.",
    "cloudflare": "Cloudflare, which stands before the site, checks or refuses the robot.",
    "gateway_error": "The server, or the gateway before it, reports an error of its own.",
    "login_host": "The site sends visitors to a login of the State, such as FranceConnect.",
    "login_page": "The page asks for a login.",
    "maintenance": "The page says that the site is down or under maintenance.",
    "motif_gone": "The page says that this motif cannot be booked any more.",
    "moved": "The page says that the service has moved elsewhere.",
    "moved_to_anef": "The site sends visitors to the State's portal for foreigners (ANEF).",
    "overloaded": "The page says that the site is overloaded.",
    "queue": "A waiting room stands before the site.",
    "security_code": "The page asks for a security code, which is a CAPTCHA.",
    "suspended": "The page says that the service, or its booking, is closed.",
    "too_many_requests": "The site says that too many pages were asked for.",
    "waf_rejected": "A filter before the site refused the request.",
    "withdrawn": "The page says that this procedure cannot be booked here any more.",
}
"""Rules by which something stands before the answer, or there is none any more."""

DOUBTS: Mapping[str, str] = {
    "beside_the_list": "Beside the list of days the server answered something that its reader does not know.",
    "calendar_failed": "The button that leads to slots was there, but no calendar came behind it.",
    "contradiction": "The pages say two things that cannot both be true, or that their answer is unreliable.",
    "covered_page": "Something covers the whole page, so that a person could not read it.",
    "desk_closed": "The page lists this desk, but it cannot be chosen.",
    "desk_not_tried": "The page lists this desk, but the visit ended before it was asked for.",
    "empty_calendar": "The calendar has no day that can be chosen; other months may have some.",
    "empty_day": "The server's list has a day without a slot, or one that cannot be understood.",
    "empty_week": "The week shown has no slot, but nothing says that there is none at all.",
    "for_agents": "The form says that it is for agents of the administration alone.",
    IN_DOUBT: "Plain HTTP once concluded what Chromium did not show: it concludes nothing on this platform "
    "until somebody has looked (`vigie platforms`).",
    "identity_changed": "The page's title is not that of the procedure that is watched.",
    "in_test": "The form says that it is a test or a draft.",
    "incomplete_page": "The page was cut short on its way.",
    "later_week": "The answer is for a later week or date, and says nothing of the ones before.",
    "motif_step": "The page says that there is none while the motif is still to be chosen.",
    "no_desk": "The target names a desk, and the platform's description knows none.",
    "no_free_hour": "The page of the calendar came, but none of its hours is free for this procedure.",
    "no_question": "The target's address does not name what to ask the server for.",
    "no_way_in": "The form's page came without the button or link that leads into it.",
    "not_described": "No reader is made for this page yet.",
    "not_in_html": "Nobody has declared that this platform's answer stands in the HTML, so that plain HTTP "
    "concludes nothing.",
    "not_mounted": "The page's own program had not drawn its calendar yet.",
    "not_offered": "The page names a next day with slots, but the button that leads there cannot be pressed.",
    "not_quoted": "The words that decided are in no page that was received.",
    "not_seen": "The words that decided cannot be seen on the picture.",
    "not_the_answer": "The visit ended on another page than the one that answers, or on an answer in "
    "another form.",
    "other_alert": "The page answered with an alert that its reader does not know.",
    "other_application": "The visit ended in another booking application than the one asked for.",
    "other_calendar": "The page shows more than one calendar.",
    "other_desk": "The answer is for another desk or place than the one asked for.",
    "other_desks": "The desks on the page are not the ones asked for, or there may be more than it lists.",
    "other_form": "The page is that of another form.",
    "other_host": "The site sends visitors to another host, which nobody listed.",
    "other_motif": "The answer is for another motif or place of meeting than the one asked for.",
    "other_motive": "The answer is for another motive than the one asked for.",
    "other_place": "The answer is for another place than the one asked for.",
    "other_procedure": "The visit ended on the page of another procedure.",
    "other_purpose": "The answer is for another purpose than the one asked for.",
    "other_search": "The answer is for another search than the one asked for.",
    "other_shell": "The page that asks the server is not the one that was asked for.",
    "other_walk": "The page says that there is none, but the visit did not go through every page described.",
    "out_of_date": "The page comes from a cache and is more than a day old.",
    "out_of_place": "The words of an answer stand where this product does not answer, as in a help text.",
    "out_of_time": "A date on the page cannot be true: it is past, or years away.",
    "outage_beside_answer": "The page answers and reports at the same time that it does not work.",
    "perhaps_closed": "The page seems to say that the service is closed or has moved, but not clearly.",
    RESTLESS: "The page was still changing when it was copied.",
    "shell": "The page came, but not the server's answer behind it.",
    "shell_speaks": "The page that asks the server says something itself, which its reader does not know.",
    "step_0": "The visit ended on the procedure's first page, where the conditions are: it did not show what "
    "its reader knows there, and nothing leads on to the answer.",
    "step_1": "The visit ended where a desk is chosen, before the page that answers.",
    "step_2": "The page that answers came, but says neither of its usual sentences.",
    "step_3": "The visit ended on the page that explains the choice of a slot, without its usual button.",
    "step_4": "The page of the calendar came, but is not as its reader knows it.",
    "step_cgu": "The visit ended on the page of the conditions, before the page that answers.",
    "step_creneau": "The page of the slots came with an error in its address, and gave no answer.",
    "step_first": "The visit ended on the first page, before a motive could be chosen.",
    "step_landing": "The visit ended on the procedure's first page, before the page that answers.",
    "step_motive": "The visit ended where a motive is chosen: no answer came to it.",
    "step_postcode": "The visit ended where a postcode is asked for, before the page that answers.",
    "unknown_form": "The site's home page came in place of the form, which may be gone or have moved.",
    "unknown_line": "The page answers, but beside the answer stands a line that its reader does not know.",
    "unknown_page": "The page has nothing that its reader knows.",
    "unread_parts": "A part of the page that was not read could hide or change the words that decided.",
    "unreadable_date": "A date on the page could not be read, or the page gives two for one slot.",
    "wordless_slot": "The page offers a slot by a link without words.",
}
"""Rules by which a page came and nothing is concluded from it."""

OURS: Mapping[str, str] = {
    "no_step": "Nothing at all was received: the fault is the robot's.",
    "read_failed:": "Our reader failed on what was received (the name of its error follows): the fault is "
    "the robot's.",
    "walk_failed:": "Our own code failed during the visit (the name of its error follows): the fault is the "
    "robot's.",
}
"""Rules by which we failed ourselves. One that ends with a colon is followed by the name of an error."""

BEGINNINGS: Mapping[str, str] = {
    **{rule: told for rule, told in OURS.items() if rule.endswith(":")},
    "error_": "The page is the product's own error page; the number is the HTTP error that it names.",
    "step_": "The visit ended on a numbered page that its reader does not know.",
}
"""Rules of which only the beginning is known, such as `error_404`."""

_SENTENCES = {**ANSWERS, **OBSTACLES, **DOUBTS, **OURS}
_UNKNOWN = (
    "No reader of this version gives this rule: it is a mark in the description of a platform, or an "
    "older reader's."
)


def failed(failure: Failure) -> str:
    """The sentence of the rule that is named after `failure`."""
    return f"No usable page came: {label(failure, 'en')}."


def known(rule: str) -> str:
    """The sentence of `rule`; empty for a rule that no reader of ours gives."""
    if rule in _SENTENCES:
        return _SENTENCES[rule]
    if rule in tuple(Failure):
        return failed(Failure(rule))
    return next((told for begun, told in BEGINNINGS.items() if rule.startswith(begun)), "")


def sentence(rule: str) -> str:
    """What `rule` means. A described platform names its own rules, and older readers had others."""
    return known(rule) or _UNKNOWN
