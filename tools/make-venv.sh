#!/bin/sh
# Makes .venv and installs the hashed lock into it. On Debian the venv module is a package of its own.
set -eu

python=""
for candidate in "${PYTHON:-python3}" python3.13 python3.12 python3.11 /usr/bin/python3; do
  if "$candidate" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
    python=$candidate
    break
  fi
done
if [ -z "$python" ]; then
  echo "make setup: Python 3.11 or newer was not found; install it (Debian: apt-get install python3)" >&2
  exit 1
fi

if ! "$python" -c 'import ensurepip' 2>/dev/null; then
  sh tools/install-system.sh venv
fi

"$python" -m venv .venv
# pip prints one line per ignored local package folder; they are not errors
.venv/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock \
  2>&1 | { grep -v 'is ignored' || true; }
.venv/bin/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
.venv/bin/python -c 'import monitor, probes, httpx, playwright, pytest'
touch .venv/installed
