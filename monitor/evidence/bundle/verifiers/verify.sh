#!/bin/sh
# Vérifie un dossier de relevés : sh, coreutils et openssl 3, sans réseau.
#
#     sh verify.sh [DOSSIER/] EMPREINTE [EMPREINTE ...]
#
# EMPREINTE : SHA-256 du certificat racine d'une autorité d'horodatage, prise HORS de ce dossier.
# Résultat : 0 tout est établi, 1 une pièce est altérée, 2 rien d'altéré mais quelque chose est tardif ou manque.
# shellcheck disable=SC2015,SC2254  # patterns are meant to be patterns
set -eu
LC_ALL=C
export LC_ALL
begin=$(printf '\001') end=$(printf '\002')
date='[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]'
instant="${date}T[0-9][0-9]:[0-9][0-9]:[0-9][0-9].[0-9][0-9][0-9]Z"
case ${1-} in */*) folder=$1 && shift ;; *) folder=$(dirname -- "$0") ;; esac
if [ $# -eq 0 ]; then
    echo "sh verify.sh [DOSSIER/] EMPREINTE [EMPREINTE ...] : empreinte SHA-256 du certificat racine de l'autorité" >&2
    exit 64
fi
pins=" $(echo "$*" | tr -d ':' | tr 'A-F' 'a-f') "
cd -- "$folder"
work=$(mktemp -d)
late=0 code=0
# Whatever stops this program half-way is an alteration: 2 is only said at the very end.
trap 'code=$?; rm -rf "$work"; if [ $code -eq 2 ] && [ "$late" != verdict ]; then exit 1; fi' EXIT
trap 'exit 1' HUP INT TERM

altered() {
    printf 'ALTÉRÉ : %s : %s\n' "$1" "$2" >&2
    exit 1
}

# A number as JSON writes it, which any shell can count with; bash would run what else it finds in an address.
whole() {
    case $1 in '' | *[!0-9]* | 0?* | ???????????????????*) return 1 ;; esac
}

# A visit is recorded on its day or the next one, a draw before its day. What is later, in the period, is said.
tardy() {
    moment=$(echo "$1" | tr -dc 0-9)
    if [ "${#moment}" -eq 8 ]; then moment=${moment}000000000; fi
    if [ "$moment" -ge "${from%?????????}000000000" ] && [ "$moment" -lt "$to" ]; then
        late=$((late + 1))
        echo "TARDIF : $target ligne $seq : $what de $1 au journal le $day"
    fi
}

# --- Nothing was changed, added or taken away since the folder was made
for path in SHA256SUMS SHA256SUMS.sig; do [ -f "$path" ] || altered "$path" 'pièce absente'; done
for path in * .[!.]* ..?* */* */.[!.]* */..?* */*/*; do
    if [ -L "$path" ]; then
        altered "$path" 'lien ajouté'
    elif [ -d "$path" ]; then
        case $path in .* | */*) altered "$path" 'dossier ajouté' ;; esac
    elif [ -f "$path" ]; then
        case $path in
            SHA256SUMS | SHA256SUMS.sig) continue ;;
            *[!A-Za-z0-9/._-]* | [!A-Za-z0-9]* | */[!A-Za-z0-9]* | *.*.*) altered "$path" 'nom interdit' ;;
        esac
        echo "$path" >>"$work/found"
    elif [ -e "$path" ]; then
        altered "$path" "n'est pas un fichier"
    fi
done
sort "$work/found" | split -l 1000 - "$work/names."
for part in "$work"/names.*; do
    # shellcheck disable=SC2046  # names have no blanks
    sha256sum -- $(cat "$part") || altered SHA256SUMS 'pièce illisible'
done >"$work/sums"
if [ "$(sha256sum <"$work/sums")" != "$(sha256sum <SHA256SUMS)" ]; then
    sort "$work/sums" >"$work/here"
    sort SHA256SUMS >"$work/listed"
    piece=$(comm -3 "$work/here" "$work/listed" | tr -d '\t' | cut -c 67- | head -n 1)
    altered "${piece:-SHA256SUMS}" 'pièce modifiée, ajoutée ou absente'
fi
twice=$(while read -r sum path; do echo "${path##*/}"; done <SHA256SUMS | sort | uniq -d)
[ -z "$twice" ] || altered "$twice" 'nom en double'

# --- Each seal names every piece of its day and the seal of the day before
scope=donnees/PERIMETRE.txt
{ read -r targets && read -r debut && read -r fin; } <$scope || altered $scope 'illisible'
targets=${targets#cibles=} debut=${debut#debut=} fin=${fin#fin=}
printf 'cibles=%s\ndebut=%s\nfin=%s\n' "$targets" "$debut" "$fin" >"$work/scope"
[ "$(sha256sum <"$work/scope")" = "$(sha256sum <$scope)" ] || altered $scope 'illisible'
case "$targets " in *[!a-z0-9\ -]*) altered $scope 'illisible' ;; esac
case " $targets /$debut$fin" in *' journal '*/$instant$instant) ;; *) altered $scope 'illisible' ;; esac
from=$(echo "$debut" | tr -d 'TZ:.-') to=$(echo "$fin" | tr -d 'TZ:.-')
previous=
for seal in preuves/SEAL-$date.sha256; do
    day=${seal#preuves/SEAL-} && day=${day%.sha256} && key=
    if [ -n "$previous" ]; then
        [ "$(date -u -d "$previous + 1 day" +%F)" = "$day" ] || altered "$seal" 'le sceau de la veille manque'
        case $(cat "$seal") in *"  SEAL-$previous.sha256"*) ;; *) altered "$seal" 'chaîne rompue' ;; esac
    else first=$(echo "$day" | tr -d -); fi
    while read -r sum name; do
        case $name in
            LOG-*) key=preuves/$name ;;
            *.jsonl) [ "${name%%_*}" = "$day" ] || altered "$name" "scellée le $day" ;;
        esac
        printf '%s  %s\n' "$sum" "$name"
    done <"$seal" >"$work/form"
    [ "$(sort -u -k 2 "$work/form" | sha256sum)" = "$(sha256sum <"$seal")" ] || altered "$seal" 'illisible'
    echo "$day" >>"$work/days"
    previous=$day
done
[ "$from" -lt "$to" ] && [ "$(date -u -d "$previous + 1 day" +%Y%m%d000000000)" -ge "$to" ] ||
    altered $scope 'la période dépasse les jours scellés'
while read -r sum path; do
    case $path in donnees/*.jsonl | preuves/*) printf '%s  %s\n' "$sum" "${path##*/}" ;; esac
done <SHA256SUMS | sort >"$work/have"
sort -u preuves/SEAL-$date.sha256 >"$work/named"
comm -23 "$work/named" "$work/have" >"$work/missing"
comm -13 "$work/named" "$work/have" >"$work/unnamed"
while read -r sum name; do
    case $name in
        *.jsonl) case " $targets " in *" $(expr "$name" : '[^_]*_\(.*\).jsonl') "*) ;; *) continue ;; esac ;;
        SEAL-*) [ "$(expr "$name" : '.....\(.\{10\}\)' | tr -d -)" -ge "$first" ] || continue ;;
    esac
    altered "$name" "n'est pas la pièce scellée, ou manque"
done <"$work/missing"
while read -r sum name; do
    case $name in "SEAL-$previous.sha256" | *.tsr | *.tlog-proof) ;; *) altered "$name" 'nommée par aucun sceau' ;; esac
done <"$work/unnamed"

# --- The log signed the list of pieces, with the key that the last seal names
case $(cat "$key") in -----BEGIN\ PUBLIC\ KEY-----?MCowBQYDK2VwAyEA*) ;; *) altered "$key" 'illisible' ;; esac
openssl pkeyutl -verify -pubin -inkey "$key" -rawin -in SHA256SUMS -sigfile SHA256SUMS.sig >"$work/out" 2>&1 ||
    altered SHA256SUMS.sig 'signature étrangère'

# --- Authorities dated each seal within a day of the day's end; a later seal dates those it follows
pinned=' '
for path in autorites/*; do
    [ -e "$path" ] || continue
    # As openssl writes it: a second certificate must not be trusted along with it.
    openssl x509 -in "$path" >"$work/pem" 2>"$work/out" || altered "$path" 'certificat illisible'
    [ "$(sha256sum <"$work/pem")" = "$(sha256sum <"$path")" ] || altered "$path" 'certificat illisible'
    print=$(openssl x509 -in "$path" -outform DER | sha256sum)
    who=${path#autorites/} && who=${who%-root.pem}
    case $path in *-root.pem) cat "autorites/$who"-*.pem >"$work/$who.chain" ;; esac
    case $path/$pins in *-root.pem/*" ${print%% *} "*) pinned="$pinned$who " ;; esac
done
[ "$pinned" != ' ' ] || altered autorites "aucun certificat n'a l'empreinte donnée"
bound=''
tac "$work/days" >"$work/backwards"
while read -r day; do
    ends=$(($(date -u -d "$day" +%s) + 86400))
    for token in preuves/SEAL-"$day"_*.tsr; do
        [ -e "$token" ] || continue
        who=${token#preuves/SEAL-???????????} && who=${who%.tsr}
        openssl ts -reply -in "$token" -text >"$work/text" 2>"$work/out" || altered "$token" 'jeton illisible'
        at=
        while IFS= read -r line; do
            case $line in 'Time stamp: '*) at=${line#Time stamp: } ;; esac
        done <"$work/text"
        case $at in *.*) at="${at%%.*} ${at#*.* }" ;; esac
        at=$(date -u -d "${at:-absent}" +%s 2>"$work/out") || altered "$token" 'jeton sans date'
        openssl ts -verify -data "preuves/SEAL-$day.sha256" -in "$token" -CAfile "autorites/$who-root.pem" \
            -untrusted "$work/$who.chain" -attime "$at" >"$work/out" 2>&1 ||
            altered "$token" 'le jeton ne prouve pas ce sceau'
        [ "$at" -ge "$ends" ] || altered "$token" 'daté avant la fin du jour'
        case $pinned in *" $who "*) if [ -z "$bound" ] || [ "$at" -lt "$bound" ]; then bound=$at; fi ;; esac
    done
    if [ -z "$bound" ] || [ $((bound - ends)) -gt 86400 ]; then
        late=$((late + 1))
        echo "TARDIF : $day ${bound:+daté du $(date -u -d "@$bound" +%FT%TZ)}"
    fi
done <"$work/backwards"

# --- Records: chains unbroken. One JSON member a line: a quotation mark that begins a line begins a member. JSON
# holds no control character, so that one may begin a day and another end a record.
touch "$work/drawn" "$work/kept" "$work/owed" "$work/shots" "$work/places"
for target in $targets; do
    set -- donnees/${date}_"$target".jsonl
    [ -e "$1" ] || continue
    mkdir "$work/lines-$target" || altered $scope 'illisible'
    cat "$@" >"$work/chain"
    [ "$(tr -d '\n' <"$work/chain" | tr -dc '\000-\037' | wc -c)" -eq 0 ] || altered "$target" 'ligne illisible'
    split -a 6 -d -l 1 "$work/chain" "$work/lines-$target/x"
    for path in "$work/lines-$target"/x???000; do sha256sum "${path%000}"*; done >"$work/links"
    for path; do
        day=${path#donnees/} && day=${day%%_*}
        printf '\n%s%s %s\n' "$begin" "$day" "$(date -u -d "$day - 1 day" +%F)"
        tr '\n,{}[]' '\002\n\n\n\n\n' <"$path"
    done >"$work/members"
    echo >>"$work/members"
    expected='' count=0
    twice='' prev='' seq='' place='' type='' outcome='' owner='' version='' planned='' ended='' of=''
    exec 3<"$work/links"
    while IFS= read -r line; do
        case $line in
            '"prev":'*) twice=$twice$prev prev=${line#*:} ;;
            '"seq":'*) twice=$twice$seq seq=${line#*:} ;;
            '"target":'*) twice=$twice$owner owner=${line#*:} ;;
            '"target_seq":'*) twice=$twice$place place=${line#*:} ;;
            '"type":'*) twice=$twice$type type=${line#*:} ;;
            '"outcome":'*) twice=$twice$outcome outcome=${line#*:} ;;
            '"v":'*) twice=$twice$version version=${line#*:} ;;
            '"day":'*) twice=$twice$of of=${line#*:} ;;
            '"finished_at":'*) twice=$twice$ended ended=${line#*:} ;;
            '"scheduled_at":'*) twice=$twice$planned planned=${line#*:} ;;
            \"$instant\") echo "$line $target" >>"$work/drawn" ;;
            '"body_sha256":'* | '"rendered_sha256":'* | '"dialogs_sha256":'* | '"sheets_sha256":'*) echo "${line#*:}" >>"$work/owed" ;;
            '"shot_sha256":'*) echo "${line#*:}" >>"$work/shots" ;;
            "$begin"*) day=${line% *} && day=${day#?} && eve=${line#* } ;;
            "$end")
                whole "$seq" && whole "$place" && [ "$twice/$version/$owner" = "/1/\"$target\"" ] ||
                    altered "$target ligne $seq" 'illisible'
                case $type$outcome in *[!\"a-z_]*) altered "$target ligne $seq" 'illisible' ;; esac
                what=$type
                case $type$outcome/$planned/$of$ended in
                    '"observation""'?*/\"$instant\"/\"$instant\" | '"observation""'?*//\"$instant\")
                        what=$outcome && case $ended in \"$day* | \"$eve*) ;; *) tardy "$ended" ;; esac
                        ;;
                    '"gap"/"'$instant\"/) ;;
                    '"draw"//"'$date\") [ "$(echo "$of" | tr -dc 0-9)" -gt "$(echo "$day" | tr -d -)" ] || tardy "$of" ;;
                    '"observation"'* | '"gap"'* | '"draw"'* | */?*/*) altered "$target ligne $seq" 'illisible' ;;
                esac
                [ -z "$planned" ] || echo "$planned $target $what" >>"$work/kept"
                [ "$place" -eq 0 ] || [ -n "$expected" ] || [ "$first" -le "${from%?????????}" ] ||
                    altered $scope 'la période commence avant les jours scellés'
                [ "${expected:-$prev $place}" = "$prev $place" ] || altered "$target ligne $seq" 'chaîne rompue'
                read -r link path <&3
                echo "$seq $path" >>"$work/places"
                expected="\"$link\" $((place + 1))" count=$((count + 1))
                twice='' prev='' seq='' place='' type='' outcome='' owner='' version='' planned='' ended='' of=''
                ;;
        esac
    done <"$work/members"
    [ "$count" -eq "$(wc -l <"$work/chain")" ] && [ -z "$(tail -c 1 "$work/chain")" ] ||
        altered "$target" 'ligne illisible'
done
twice=$(cut -d ' ' -f 1 "$work/places" | sort | uniq -d)
[ -z "$twice" ] || altered "ligne $twice" 'en double'

# --- Each drawn instant of the period ended as exactly one record
for list in drawn kept; do
    cut -d ' ' -f 1 "$work/$list" | tr -d '"TZ:.-' | paste -d ' ' - "$work/$list" >"$work/$list.digits"
    while read -r moment line; do
        if [ "$moment" -ge "$from" ] && [ "$moment" -lt "$to" ]; then echo "$line"; fi
    done <"$work/$list.digits" | sort >"$work/$list.period"
done
odd=$(cut -d ' ' -f -2 "$work/kept.period" | comm -3 "$work/drawn.period" - | head -n 1)
[ -z "$odd" ] || altered "$odd" 'pas exactement un relevé ou une lacune'

# --- Captures: each has the digest its name says, and a record names it
tr -d '"' <"$work/owed" | sort -u >"$work/pages"
tr -d '"' <"$work/shots" | sort -u "$work/pages" - >"$work/known"
while read -r sum path; do
    case $path in
        captures/????????????????????????????????????????????????????????????????.*)
            [ "${path%.*}" = "captures/$sum" ] || altered "$path" "n'a pas l'empreinte de son nom"
            echo "$sum"
            ;;
    esac
done <SHA256SUMS >"$work/captures"
sort -u "$work/captures" >"$work/held"
odd=$(comm -13 "$work/known" "$work/held" | head -n 1)
[ -z "$odd" ] || altered "captures/$odd" "n'est la capture d'aucune ligne"
sha256sum </dev/null | cut -c -64 | sort -u - "$work/held" >"$work/held-or-empty"
missing=$(comm -23 "$work/pages" "$work/held-or-empty" | wc -l)

# --- Proofs: from a record to a tree head that a seal names
for proof in preuves/*.tlog-proof; do
    [ -e "$proof" ] || continue
    {
        read -r _ && read -r _ index &&
            while IFS= read -r line && [ -n "$line" ]; do echo "$line"; done >"$work/path" && cat >"$work/note"
    } <"$proof" || altered "$proof" 'illisible'
    { read -r _ && IFS= read -r size && read -r root; } <"$work/note" || altered "$proof" 'illisible'
    case $(cat "$work/have") in
        *"$(sha256sum <"$work/note" | cut -c -64)  CHECKPOINT"*) ;;
        *) altered "$proof" "tête d'arbre étrangère" ;;
    esac
    record=
    while read -r seq path; do [ "$seq" != "$index" ] || record=$path; done <"$work/places"
    [ -n "$record" ] && whole "$size" && [ "$index" -lt "$size" ] || altered "$proof" 'ligne étrangère'
    { printf '\000' && cat "$record"; } | openssl dgst -sha256 -binary >"$work/current"
    last=$((size - 1))
    while read -r line; do
        printf '%s' "$line" | base64 -d >"$work/sibling" 2>"$work/out" || altered "$proof" 'illisible'
        if [ $((index & 1)) -eq 1 ] || [ "$index" -eq "$last" ]; then
            { printf '\001' && cat "$work/sibling" "$work/current"; } | openssl dgst -sha256 -binary >"$work/next"
            while [ "$index" -ne 0 ] && [ $((index & 1)) -eq 0 ]; do index=$((index >> 1)) last=$((last >> 1)); done
        else
            { printf '\001' && cat "$work/current" "$work/sibling"; } | openssl dgst -sha256 -binary >"$work/next"
        fi
        mv "$work/next" "$work/current"
        index=$((index >> 1)) last=$((last >> 1))
    done <"$work/path"
    [ "$last" -eq 0 ] && [ "$(base64 -w 0 "$work/current")" = "$root" ] ||
        altered "$proof" "ne mène pas à la tête de l'arbre"
done

echo "Sondes programmées du $debut au $fin :"
cut -d ' ' -f 2- "$work/kept.period" | tr -d '"' | sort | uniq -c
echo "$(wc -l <"$work/places") lignes intactes, $missing pages absentes, $late dates tardives"
[ $((late + missing)) -eq 0 ] && exit 0
late=verdict
exit 2
