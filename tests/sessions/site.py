"""A booking site of the tests' own on loopback, with every fault a remote can have. It counts what it is asked."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response
from starlette.routing import Route

CONDITIONS = """<!doctype html><html lang=fr><title>Conditions</title><body>
<h1>Prise de rendez-vous</h1>
<form id=create method=post action="/step/0">
  <input type=hidden name=token value=abc123>
  <label><input type=checkbox name=condition> J'accepte</label>
  <input type=submit name=nextButton value="Étape suivante">
  <input type=submit name=cancel value="Annuler">
</form></body></html>"""

DESKS = """<!doctype html><title>Guichets</title><form id=create method=post action="/step/1">
<label><input type=radio name=planning value=1> Un</label><label><input type=radio name=planning value=2> Deux</label>
<select name=lang><option value=fr selected>fr<option value=en>en</select><textarea name=note>
rien</textarea><input name=off value=no disabled><input type=submit name=nextButton value=Suite></form>"""

ALERT = """<!doctype html><title>Motif</title><form id=motif method=post action="/never">
<input type=radio name=motif value=20><button name=go>Continuer</button></form><script>
document.getElementById('motif').addEventListener('submit', event => {
  event.preventDefault();
  alert("Aucun rendez-vous n'est possible");
});</script>"""

HIDDEN = """<!doctype html><html><head><title>Titre</title><style>.gone{display:none}
.clipped{position:absolute;width:1px;height:1px;overflow:hidden}.far{position:absolute;left:-9999px}
.field input{opacity:0;position:absolute}</style></head><body style="margin:0">
<p>visible</p><p class=gone>par-css</p><p hidden>par-attribut</p><p style="visibility:hidden">par-visibilite
<b style="visibility:visible">reapparu</b></p><p style="opacity:0">par-opacite</p><p class=clipped>par-decoupe</p>
<p class=far>par-position</p><p aria-hidden=true>par-aria</p><!-- par-commentaire --><script>var a="par-script"</script>
<noscript>par-noscript</noscript><template>par-template</template><style>.par-style{}</style>
<details><summary>resume</summary>par-details</details><div style="display:contents"><i>contenu</i></div>
<div class=field><input type=radio id=r name=trhId value=7><label for=r>09h30</label></div>
<input type=hidden name=secret value=par-input><input type=checkbox id=c><button id=b>ok</button>
<div id=host></div><script type="application/json" id="vui-init-data">{"a":1}</script><script>
document.getElementById('c').checked = true; document.getElementById('b').disabled = true;
document.getElementById('host').attachShadow({mode:'open'}).innerHTML = '<em>ombre</em>';
</script></body></html>"""

HOSTILE = """<!doctype html><title>Hostile</title><body><h1>Hostile</h1><script>
window.open('/asked/popup');
for (const url of ['http://169.254.169.254/latest/', 'http://127.0.0.1:%(port)d/asked/literal', 'file:///etc/passwd',
                   'http://autre.localhost:%(port)d/asked/host'])
  fetch(url, {mode: 'no-cors'}).catch(() => 0), new Image().src = url;
const a = document.createElement('a'); a.href = '/asked/file'; a.download = 'x.txt'; document.body.append(a); a.click();
const f = document.createElement('iframe'); f.src = '/off/frame'; document.body.append(f);
navigator.serviceWorker && navigator.serviceWorker.register('/asked/worker.js').catch(() => 0);
</script></body>"""


class Site:
    """The site's address, and what it was asked."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, str]] = []
        self.bodies: list[bytes] = []
        self.requests: list[dict[str, str]] = []
        self.flaky = 0
        self.port = 0
        self.raw_port = 0

    def url(self, path: str, host: str = "site.localhost") -> str:
        return f"http://{host}:{self.port}{path}"

    def raw(self, path: str) -> str:
        """A URL answered by hand, beyond what a web framework lets one do."""
        return f"http://site.localhost:{self.raw_port}{path}"

    @property
    def paths(self) -> list[str]:
        return [path for _, path in self.asked]

    def forget(self) -> None:
        self.asked.clear()
        self.bodies.clear()
        self.requests.clear()

    async def answer(self, request: Request) -> Response:
        self.asked.append((request.method, request.url.path))
        self.requests.append(dict(request.headers))
        self.bodies.append(await request.body())
        return await self.page(request)

    async def page(self, request: Request) -> Response:
        path = request.url.path
        if path in _PAGES:
            return HTMLResponse(_PAGES[path], headers={"set-cookie": "visit=1; Path=/", "x-secret": "s"})
        if path.startswith("/to/"):
            return RedirectResponse("/" + path.removeprefix("/to/"), 302)
        return await _special(self, request)


_PAGES = {"/conditions": CONDITIONS, "/desks": DESKS, "/alert": ALERT, "/hidden": HIDDEN}


async def _special(site: Site, request: Request) -> Response:
    match request.url.path:
        case "/step/0":
            return RedirectResponse("/answer", 302)
        case "/step/1" | "/echo":
            return JSONResponse({"body": (await request.body()).decode(), "query": request.url.query})
        case "/answer":
            seen = request.cookies.get("visit", "none")
            return HTMLResponse(f"<title>Réponse</title><p id=ok>cookie {seen}</p>")
        case "/latin":
            return Response("<p>Étape déjà</p>".encode("latin-1"), media_type="text/html; charset=iso-8859-1")
        case "/status/429":
            return Response("doucement", 429, headers={"retry-after": "120"})
        case "/status/502":
            return Response(b"", 502)
        case "/loop":
            return RedirectResponse("/loop", 302)
        case "/leave":
            return RedirectResponse(request.query_params["to"], 302)
        case "/keep":
            return RedirectResponse("/echo", 307)
        case "/empty":
            return Response(b"")
        case "/file":
            return Response(b"x", headers={"content-disposition": "attachment; filename=x.txt"})
        case "/huge":
            return Response(b"<p>" + b"x" * 6_000_000, media_type="text/html")
        case "/hostile":
            return HTMLResponse(HOSTILE % {"port": site.port})
        case "/late":
            return HTMLResponse(
                "<title>Tard</title><script>setTimeout(() => document.body.innerHTML = "
                "'<p id=slots>arrivé</p>', 300)</script>"
            )
        case "/spin":
            return HTMLResponse("<p>tourne</p><script>addEventListener('load', () => { for (;;); })</script>")
        case "/reloading":
            return HTMLResponse(
                "<p>encore</p><script>location.replace('/reloading?' + Math.random())</script>"
            )
        case "/moved":
            return HTMLResponse("<p>parti</p><script>location.href = '/off/limits'</script>")
        case "/posting":
            return HTMLResponse(
                "<form method=post action=/echo></form><script>document.forms[0].submit()</script>"
            )
        case "/alerts":
            return HTMLResponse("<p id=p>avant</p><script>alert('un'); alert('deux')</script>")
        case "/insecure-form":
            return HTMLResponse(
                f"<form id=create method=post action='http://site.localhost:{site.port}/echo'>"
                "<input type=hidden name=a value=1></form>"
            )
        case "/off-form":
            return HTMLResponse("<form id=create method=post action='/off/limits'></form>")
        case "/get-form":
            return HTMLResponse(
                "<form id=create action='/echo?x=0'><input type=hidden name=a value=é></form>"
            )
        case "/multipart":
            return HTMLResponse(
                "<form id=create method=post action=/echo enctype=multipart/form-data>"
                "<input type=hidden name=a value=1></form>"
            )
    return HTMLResponse("<p>page</p>")


_RAW = {
    "/truncated": b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 900\r\n\r\n<p>cou",
    "/chunked-short": b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nContent-Type: text/html\r\n\r\n6\r\n<p>cou\r\n",
    "/garbage": b"\x00\x01 this is not HTTP\r\n\r\n",
    "/dropped": b"",
    "/bad-gzip": b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 4\r\nContent-Type: text/html\r\n\r\nabcd",
}


async def _by_hand(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError):
        head = await reader.readuntil(b"\r\n\r\n")
        path = head.split()[1].decode()
        writer.write(_RAW.get(path, b""))
        await writer.drain()
        if path in ("/hang", "/hang-in-body"):
            if path == "/hang-in-body":
                writer.write(
                    b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 900\r\n\r\n<p>cou"
                )
                await writer.drain()
            await reader.read()
    writer.close()


@contextlib.contextmanager
def served(site: Site, certificate: Path | None = None, key: Path | None = None) -> Iterator[Site]:
    """Serve `site` from a thread of its own, over TLS when given a certificate."""

    async def asgi(scope: Any, receive: Any, send: Any) -> None:
        await app(scope, receive, send)

    app = Starlette(routes=[Route("/{path:path}", site.answer, methods=["GET", "POST"])])
    listener = socket.create_server(("127.0.0.1", 0))
    site.port = listener.getsockname()[1]
    config = uvicorn.Config(
        asgi,
        log_level="critical",
        lifespan="off",
        ws="none",
        timeout_graceful_shutdown=1,
        ssl_certfile=certificate,
        ssl_keyfile=key,
    )
    server = uvicorn.Server(config)
    ready = threading.Event()

    async def main() -> None:
        raw = await asyncio.start_server(_by_hand, "127.0.0.1", 0)
        site.raw_port = raw.sockets[0].getsockname()[1]
        ready.set()
        await server.serve(sockets=[listener])
        raw.close()

    thread = threading.Thread(target=asyncio.run, args=(main(),), daemon=True)
    thread.start()
    assert ready.wait(10)
    try:
        yield site
    finally:
        server.should_exit = True
        thread.join(10)
        listener.close()
