"""A site that uses django-appointment as its authors wrote it: `town_hall.py FOLDER seed DAYS | serve`.

Runs in the application's own virtual environment. `seed` makes a service whose only agent is away for that
many days from today; `serve` prints `port N`. The scripts of its pages come from this machine, not from afar:
what its templates ask of other hosts is taken out, because Vigie asks none and would not read such a page.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Callable
from datetime import time, timedelta
from pathlib import Path
from socketserver import ThreadingMixIn
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

import django
from django.conf import settings
from django.http import HttpRequest, HttpResponse

HERE = Path(__file__).parent
FOLDER = Path(sys.argv[1])


FROM_AFAR = re.compile(
    rb"<script[^>]*\ssrc=[\"']?https?://[^>]*>\s*</script>|<link[^>]*\shref=[\"']?https?://[^>]*>"
)


def at_home(answer: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """Django middleware: leaves out of pages the scripts and style sheets of other hosts."""

    def without(request: HttpRequest) -> HttpResponse:
        response = answer(request)
        if not response.streaming:
            response.content = FROM_AFAR.sub(b"", response.content)
        return response

    return without


def configure() -> None:
    settings.configure(
        DEBUG=True,
        SECRET_KEY="of no worth",
        ALLOWED_HOSTS=["*"],
        ROOT_URLCONF=__name__,
        DATABASES={"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": FOLDER / "site.sqlite3"}},
        INSTALLED_APPS=[
            "django.contrib.auth",
            "django.contrib.contenttypes",
            "django.contrib.sessions",
            "django.contrib.messages",
            "django.contrib.staticfiles",
            "phonenumber_field",
            "appointment",
        ],
        MIDDLEWARE=[
            f"{__name__}.at_home",
            "django.contrib.sessions.middleware.SessionMiddleware",
            "django.contrib.auth.middleware.AuthenticationMiddleware",
            "django.contrib.messages.middleware.MessageMiddleware",
        ],
        TEMPLATES=[
            {
                "BACKEND": "django.template.backends.django.DjangoTemplates",
                "DIRS": [HERE],
                "APP_DIRS": True,
                "OPTIONS": {"context_processors": ["django.contrib.messages.context_processors.messages"]},
            }
        ],
        STATIC_URL="/static/",
        STATICFILES_DIRS=[FOLDER / "node_modules"],
        LANGUAGE_CODE="fr",
        TIME_ZONE="Europe/Paris",
        USE_TZ=True,
        APPOINTMENT_BASE_TEMPLATE="base.html",
        APPOINTMENT_WEBSITE_NAME="Mairie de l'Exemple",
        DEFAULT_AUTO_FIELD="django.db.models.BigAutoField",
        LOGGING_CONFIG=None,
    )
    django.setup()


def seed(days_off: int) -> None:
    from appointment.models import DayOff, Service, StaffMember, WorkingHours
    from django.contrib.auth import get_user_model
    from django.core.management import call_command
    from django.utils import timezone

    call_command("migrate", run_syncdb=True, verbosity=0)
    service, _ = Service.objects.get_or_create(
        name="Titre de séjour", duration=timedelta(minutes=30), price=0
    )
    user, _ = get_user_model().objects.get_or_create(username="guichet", first_name="Guichet")
    agent, _ = StaffMember.objects.get_or_create(
        user=user, slot_duration=30, work_on_saturday=True, work_on_sunday=True
    )
    agent.services_offered.add(service)
    for day in range(7):
        hours = {"start_time": time(9), "end_time": time(17)}
        WorkingHours.objects.get_or_create(staff_member=agent, day_of_week=day, defaults=hours)
    DayOff.objects.all().delete()
    if days_off:
        today = timezone.localdate()
        DayOff.objects.create(
            staff_member=agent, start_date=today, end_date=today + timedelta(days=days_off - 1)
        )


class Threaded(ThreadingMixIn, WSGIServer):
    daemon_threads = True


class Silent(WSGIRequestHandler):
    def log_message(self, format: str, *arguments: object) -> None:  # noqa: A002
        """Nothing."""


def serve() -> None:
    from django.contrib.staticfiles.handlers import StaticFilesHandler
    from django.core.wsgi import get_wsgi_application

    application = StaticFilesHandler(get_wsgi_application())
    with make_server("127.0.0.1", 0, application, Threaded, Silent) as server:
        print(f"port {server.server_port}", flush=True)
        server.serve_forever()


configure()

from django.urls import include, path  # noqa: E402

urlpatterns = [path("rendez-vous/", include("appointment.urls"))]

if __name__ == "__main__":
    if sys.argv[2] == "seed":
        seed(int(sys.argv[3]))
    else:
        serve()
