#!/bin/sh
# Installs what pip cannot bring, only when it is missing:
#   install-system.sh [venv] [browser] [printing] [servers]
# As root, or through a sudo that asks no password. Otherwise the missing packages are named, and for the
# browser Playwright's own download is tried, which needs no rights.
set -eu

have() { command -v "$1" >/dev/null 2>&1; }

as_root() {
  if [ "$(id -u)" = 0 ]; then "$@"; elif have sudo && sudo -n true 2>/dev/null; then sudo -n "$@"; else return 1; fi
}

debian() {
  have apt-get || return 1
  as_root apt-get update -qq &&
    as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$@" >/dev/null
}

known_to_debian() { apt-cache show "$1" >/dev/null 2>&1; }

browser_found() {
  for name in chromium-headless-shell chromium; do have "$name" && return 0; done
  .venv/bin/python - <<'PYTHON' 2>/dev/null
import pathlib, playwright.sync_api
with playwright.sync_api.sync_playwright() as p:
    raise SystemExit(not pathlib.Path(p.chromium.executable_path).exists())
PYTHON
}

# Playwright drives Chromium through a program of its own, which needs a library that minimal machines lack.
driver_runs() { .venv/bin/python -m playwright --version >/dev/null 2>&1; }

install_browser() {
  driver_runs || debian libatomic1 || echo "make setup: as root: apt-get install libatomic1" >&2
  browser_found && return 0
  echo "Installing Chromium and fonts…"
  as_root apt-get update -qq 2>/dev/null || true
  if known_to_debian chromium-headless-shell &&
    debian chromium-headless-shell chromium-sandbox fonts-liberation fonts-noto-color-emoji; then
    return 0
  fi
  .venv/bin/python -m playwright install chromium-headless-shell && return 0
  echo "make setup: no Chromium found; as root: apt-get install chromium-headless-shell fonts-liberation" >&2
  exit 1
}

install_printing() {
  missing=""
  for library in pango-1.0-0:libpango-1.0.so.0 pangoft2-1.0-0:libpangoft2-1.0.so.0 harfbuzz-subset0:libharfbuzz-subset.so.0; do
    ls "/usr/lib/"*"/${library#*:}" >/dev/null 2>&1 || missing="$missing lib${library%%:*}"
  done
  have openssl || missing="$missing openssl"
  [ -z "$missing" ] && return 0
  echo "Installing what prints and checks a bundle:$missing…"
  # shellcheck disable=SC2086 # a list of package names
  debian $missing && return 0
  echo "make setup: no bundle can be made without:$missing (as root: apt-get install$missing)" >&2
}

install_servers() {
  missing=""
  ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1 || missing="$missing postgresql"
  have prometheus || missing="$missing prometheus"
  have prometheus-alertmanager || missing="$missing prometheus-alertmanager"
  have pdftoppm || missing="$missing poppler-utils"
  have Xvfb || missing="$missing xvfb"
  [ -e /usr/bin/chromium ] || missing="$missing chromium"
  [ -z "$missing" ] && return 0
  echo "Installing the servers the tests talk to:$missing…"
  # shellcheck disable=SC2086 # a list of package names
  debian $missing && return 0
  echo "make test: not installed, their tests will be skipped:$missing (as root: apt-get install$missing)" >&2
}

for what in "$@"; do
  case "$what" in
    venv) debian python3-venv || { echo "make setup: as root: apt-get install python3-venv" >&2; exit 1; } ;;
    browser) install_browser ;;
    printing) install_printing ;;
    servers) install_servers ;;
    *) echo "usage: install-system.sh [venv] [browser] [printing] [servers]" >&2; exit 2 ;;
  esac
done
