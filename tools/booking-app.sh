#!/bin/sh
# Installs a booking application that we did not write, django-appointment, and the scripts its pages use, into the
# folder named: a virtual environment of its own and node_modules. Needs the package registries; does nothing when
# all is there already.
set -eu

folder=${1:?usage: booking-app.sh FOLDER}
[ -e "$folder/installed" ] && exit 0
mkdir -p "$folder"
"${PYTHON:-python3}" -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --disable-pip-version-check \
  "Django>=5.2,<5.3" "django-appointment==3.12.0" 2>&1 | { grep -v 'is ignored' || true; }
"$folder/venv/bin/python" -c 'import appointment'
cd "$folder"
npm install --silent --no-audit --no-fund --ignore-scripts \
  jquery@3.7.1 moment@2.30.1 moment-timezone@0.6.0 fullcalendar@6.1.19
touch installed
