#!/bin/sh
# Fetches ReplayWeb.page, which shows a bundle's WACZ, into the folder named. It is under the AGPL: fetched to be tried,
# never a part of Vigie. Needs npm and its registry; does nothing when all is there already.
set -eu

folder=${1:?usage: replayweb.sh FOLDER}
file=replaywebpage-2.5.3.tgz
[ -e "$folder/installed" ] && exit 0
mkdir -p "$folder"
cd "$folder"
npm pack --silent replaywebpage@2.5.3 >/dev/null
echo "b7d35c39c4da9b7121c5a393911d8675d4cc6f19513c380191e16b086bea812c  $file" | sha256sum --quiet -c
tar -xzf "$file"
touch installed
