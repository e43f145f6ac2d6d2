#!/bin/sh
# Vérifie un dossier de relevés : sh, coreutils et openssl 3, sans réseau.
#
#     sh verify.sh [DOSSIER/] EMPREINTE [EMPREINTE ...]
#
# EMPREINTE : SHA-256 du certificat racine d'une autorité d'horodatage, prise HORS de ce dossier.
# Résultat : 0 tout est établi, 1 une pièce est altérée, 2 rien d'altéré mais des jours sont datés trop tard.
set -eu
LC_ALL=C
export LC_ALL
newline='
'
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

# --- Nothing was changed, added or taken away since the folder was made
for path in SHA256SUMS SHA256SUMS.sig; do [ -f "$path" ] || altered "$path" 'pièce absente'; done
: >"$work/found"
for path in * .[!.]* ..?* */* */.[!.]* */..?* */*/*; do
    case $path in
        SHA256SUMS | SHA256SUMS.sig) continue ;;
    esac
    if [ -L "$path" ]; then
        altered "$path" 'lien ajouté'
    elif [ -f "$path" ]; then
        printf '%s\n' "$path" >>"$work/found"
    elif [ -d "$path" ]; then
        case $path in .* | */*) altered "$path" 'dossier ajouté' ;; esac
    fi
done
sort "$work/found" >"$work/names"
IFS=$newline
set -f
# shellcheck disable=SC2046  # one name a line is meant
set -- $(cat "$work/names")
set +f
sha256sum -- "$@" >"$work/sums" || altered SHA256SUMS 'pièce illisible'
if [ "$(sha256sum <"$work/sums")" != "$(sha256sum <SHA256SUMS)" ]; then
    sort "$work/sums" >"$work/here"
    sort SHA256SUMS >"$work/listed"
    piece=$(comm -3 "$work/here" "$work/listed" | tr -d '\t' | cut -c 67- | head -n 1)
    altered "${piece:-SHA256SUMS}" 'pièce modifiée, ajoutée ou absente'
fi
IFS=' '

# --- Each seal names every piece of its day and the seal of the day before
targets='' debut='' fin=''
while IFS='=' read -r key value; do
    case $key in
        cibles) targets=$value ;;
        debut) debut=$(echo "$value" | tr -d 'TZ:.-') ;;
        fin) fin=$(echo "$value" | tr -d 'TZ:.-') ;;
    esac
done <donnees/PERIMETRE.txt
[ "${targets:+$debut}" -lt "$fin" ] 2>"$work/out" || altered donnees/PERIMETRE.txt 'illisible'
previous=
for seal in preuves/SEAL-????-??-??.sha256; do
    day=${seal#preuves/SEAL-}
    day=${day%.sha256}
    if [ -n "$previous" ]; then
        [ "$(date -u -d "$previous + 1 day" +%F)" = "$day" ] || altered "$seal" 'le sceau de la veille manque'
        case $(cat "$seal") in
            *"  SEAL-$previous.sha256"*) ;;
            *) altered "$seal" 'chaîne des sceaux rompue' ;;
        esac
    else
        first=$(echo "$day" | tr -d -)
    fi
    echo "$day" >>"$work/days"
    previous=$day
done
while read -r sum path; do
    case $path in
        donnees/2* | preuves/*) printf '%s  %s\n' "$sum" "${path##*/}" ;;
    esac
done <SHA256SUMS | sort >"$work/have"
sort -u preuves/SEAL-*.sha256 >"$work/named"
comm -23 "$work/named" "$work/have" >"$work/missing"
comm -13 "$work/named" "$work/have" >"$work/unnamed"
while read -r sum name; do
    case $name in
        *.jsonl)
            target=${name#???????????}
            case " $targets " in
                *" ${target%.jsonl} "*) altered "$name" "n'est pas la pièce scellée, ou manque" ;;
            esac
            ;;
        SEAL-*)
            day=$(echo "$name" | tr -d 'SEAL-')
            [ "${day%%[._]*}" -lt "$first" ] || altered "$name" "n'est pas la pièce scellée, ou manque"
            ;;
        *) altered "$name" "n'est pas la pièce scellée, ou manque" ;;
    esac
done <"$work/missing"
while read -r sum name; do
    case $name in
        "SEAL-$previous.sha256" | *.tsr | *.tlog-proof) ;;
        *) altered "$name" 'nommée par aucun sceau' ;;
    esac
done <"$work/unnamed"

# --- The log signed the list of pieces, with the key that the last seal names
key=
while read -r sum name; do
    case $name in
        LOG-*) key=preuves/$name ;;
    esac
done <"preuves/SEAL-$previous.sha256"
openssl pkeyutl -verify -pubin -inkey "$key" -rawin -in SHA256SUMS -sigfile SHA256SUMS.sig >"$work/out" 2>&1 ||
    altered SHA256SUMS.sig 'signature étrangère'

# --- Authorities dated each seal within a day of the day's end; a later seal dates those it follows
known=
pinned=' '
for path in autorites/*.pem; do
    [ ! -e "$path" ] || openssl x509 -in "$path" -noout 2>"$work/out" || altered "$path" 'certificat illisible'
done
for root in autorites/*-root.pem; do
    who=${root#autorites/}
    who=${who%-root.pem}
    # Only the first certificate of the file: a second one must not be trusted along with it.
    openssl x509 -in "$root" -out "$work/$who.root" 2>"$work/out" || altered autorites 'aucun certificat'
    print=$(openssl x509 -in "$work/$who.root" -outform DER | sha256sum)
    case $pins in
        *" ${print%% *} "*) pinned="$pinned$who " known=yes ;;
    esac
    cat "autorites/$who"-*.pem >"$work/$who.chain"
done
[ -n "$known" ] || altered autorites "aucun certificat n'a l'empreinte donnée"
bound=''
tac "$work/days" >"$work/backwards"
while read -r day; do
    end=$(($(date -u -d "$day" +%s) + 86400))
    for token in preuves/SEAL-"$day"_*.tsr; do
        [ -e "$token" ] || continue
        who=${token#preuves/SEAL-???????????}
        who=${who%.tsr}
        openssl ts -reply -in "$token" -text >"$work/text" 2>"$work/out" || altered "$token" 'jeton illisible'
        at=
        while IFS= read -r line; do
            case $line in
                'Time stamp: '*) at=${line#Time stamp: } ;;
            esac
        done <"$work/text"
        case $at in
            *.*) at="${at%%.*} ${at#*.* }" ;;
        esac
        at=$(date -u -d "${at:-absent}" +%s 2>"$work/out") || altered "$token" 'jeton sans date'
        openssl ts -verify -data "preuves/SEAL-$day.sha256" -in "$token" -CAfile "$work/$who.root" \
            -untrusted "$work/$who.chain" -attime "$at" >"$work/out" 2>&1 ||
            altered "$token" 'le jeton ne prouve pas ce sceau'
        [ "$at" -ge "$end" ] || altered "$token" 'daté avant la fin du jour'
        case $pinned in
            *" $who "*) if [ -z "$bound" ] || [ "$at" -lt "$bound" ]; then bound=$at; fi ;;
        esac
    done
    if [ -z "$bound" ] || [ $((bound - end)) -gt 86400 ]; then
        late=$((late + 1))
        echo "TARDIF : $day ${bound:+daté du $(date -u -d "@$bound" +%FT%TZ)}"
    fi
done <"$work/backwards"

# --- Records: chains unbroken. One JSON member a line; a quotation mark that begins a line begins a member.
: >"$work/owed"
for target in $targets; do
    set -- donnees/????-??-??_"$target".jsonl
    [ -e "$1" ] || continue
    mkdir "$work/lines-$target"
    cat "$@" >"$work/chain"
    split -a 6 -d -l 1 "$work/chain" "$work/lines-$target/x"
    sha256sum "$work/lines-$target"/x* >"$work/links"
    tr ',{}[]' "$newline$newline$newline$newline$newline" <"$work/chain" >"$work/members"
    prev='' seq='' place='' type='' outcome='' owner='' link='' expected='' count=0
    exec 3<"$work/links"
    while IFS= read -r line; do
        case $line in
            '"prev":"'*) prev=${line#'"prev":"'} ;;
            '"seq":'*) seq=${line#'"seq":'} ;;
            '"target":"'*) owner=${line#'"target":"'} ;;
            '"target_seq":'*) place=${line#'"target_seq":'} ;;
            '"type":"'*) type=${line#'"type":"'} ;;
            '"outcome":"'*) outcome=${line#'"outcome":"'} ;;
            '"scheduled_at":"'*) echo "$target ${line#'"scheduled_at":'}" >>"$work/kept" ;;
            '"20'??-??-??T*Z\") echo "$target $line" >>"$work/drawn" ;;
            '"body_sha256":"'* | '"rendered_sha256":"'* | '"dialogs_sha256":"'*)
                echo "${line#*:}" >>"$work/owed"
                ;;
            '"shot_sha256":"'*) echo "${line#*:}" >>"$work/shots" ;;
            '"v":1')
                if [ -n "$expected" ] && [ "$link $expected" != "${prev%\"} $place" ] ||
                    [ "${owner%\"}" != "$target" ]; then
                    altered "$target ligne $seq" 'chaîne rompue'
                fi
                IFS=' ' read -r link path <&3
                echo "$seq $path" >>"$work/places"
                [ "$type" = 'observation"' ] || outcome=$type
                echo "$outcome" >>"$work/outcomes"
                expected=$((place + 1)) count=$((count + 1))
                ;;
        esac
    done <"$work/members"
    [ "$count" -eq "$(wc -l <"$work/chain")" ] || altered "$target" 'ligne illisible'
done

# --- Each drawn instant of the period ended as exactly one record
for list in drawn kept; do
    touch "$work/$list"
    tr -d '"TZ:.-' <"$work/$list" >"$work/$list.digits"
    while read -r target moment; do
        if [ "$moment" -ge "$debut" ] && [ "$moment" -lt "$fin" ]; then echo "$target $moment"; fi
    done <"$work/$list.digits" | sort >"$work/$list.period"
done
odd=$(comm -3 "$work/drawn.period" "$work/kept.period" | head -n 1)
[ -z "$odd" ] || altered "$odd" 'pas exactement un relevé ou une lacune'

# --- Captures: each has the digest its name says, and a record names it
touch "$work/owed" "$work/shots"
tr -d '"' <"$work/owed" | sort -u >"$work/pages"
tr -d '"' <"$work/shots" | sort -u "$work/pages" - >"$work/known"
while read -r sum path; do
    case $path in
        captures/????????????????????????????????????????????????????????????????.*)
            name=${path#captures/}
            [ "${name%.*}" = "$sum" ] || altered "$path" "n'a pas l'empreinte de son nom"
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
    state=header
    : >"$work/path"
    : >"$work/note"
    while IFS= read -r line; do
        case $state in
            header) state=index ;;
            index) index=${line#index } state=path ;;
            path) if [ -n "$line" ]; then printf '%s\n' "$line" >>"$work/path"; else state=note; fi ;;
            note) printf '%s\n' "$line" >>"$work/note" ;;
        esac
    done <"$proof"
    { read -r _ && read -r size && read -r root; } <"$work/note"
    sum=$(sha256sum <"$work/note")
    case $(cat "$work/have") in
        *"${sum%% *}  CHECKPOINT-"*) ;;
        *) altered "$proof" "tête d'arbre étrangère" ;;
    esac
    record=
    while read -r seq path; do
        if [ "$seq" = "$index" ]; then record=$path; fi
    done <"$work/places"
    [ -n "$record" ] || altered "$proof" 'ligne étrangère'
    { printf '\000' && cat "$record"; } | openssl dgst -sha256 -binary >"$work/current"
    last=$((size - 1))
    while read -r line; do
        printf '%s' "$line" | base64 -d >"$work/sibling" 2>"$work/out" || altered "$proof" 'illisible'
        if [ $((index & 1)) -eq 1 ] || [ "$index" -eq "$last" ]; then
            { printf '\001' && cat "$work/sibling" "$work/current"; } | openssl dgst -sha256 -binary >"$work/next"
            while [ "$index" -ne 0 ] && [ $((index & 1)) -eq 0 ]; do
                index=$((index >> 1)) last=$((last >> 1))
            done
        else
            { printf '\001' && cat "$work/current" "$work/sibling"; } | openssl dgst -sha256 -binary >"$work/next"
        fi
        mv "$work/next" "$work/current"
        index=$((index >> 1)) last=$((last >> 1))
    done <"$work/path"
    if [ "$last" -ne 0 ] || [ "$(base64 -w 0 "$work/current")" != "$root" ]; then
        altered "$proof" "ne mène pas à la tête de l'arbre"
    fi
done

sort "$work/outcomes" | tr -d '"' | uniq -c
echo "$(wc -l <"$work/outcomes") lignes intactes, $missing pages absentes, $late jours datés trop tard"
[ "$late" -eq 0 ] && exit 0
late=verdict
exit 2
