#!/usr/bin/env python3
"""Vérifie un dossier de relevés : sans réseau, sans autre logiciel que Python 3.9 ou plus récent.

    python3 verify.py [DOSSIER/] EMPREINTE [EMPREINTE ...]

EMPREINTE : SHA-256 du certificat racine d'une autorité d'horodatage, prise HORS de ce dossier.
Résultat : 0 tout est établi, 1 une pièce est altérée, 2 rien d'altéré, mais quelque chose tarde ou manque."""

# fmt: off
# ruff: noqa: E401, E701, I001
# mypy: ignore-errors
import base64, contextlib, functools, hashlib, json, re, ssl, sys
from collections import Counter
from datetime import datetime, timedelta
from pathlib import Path

BODIES = {"body_sha256", "rendered_sha256", "dialogs_sha256", "sheets_sha256"}
DATE, NUMBER = "[0-9]{4}-[0-9]{2}-[0-9]{2}", "(0|[1-9][0-9]{0,17})"
INSTANT = DATE + "T[0-9]{2}:[0-9]{2}:[0-9]{2}[.][0-9]{3}Z"
SCOPE = f"cibles=((?:[a-z0-9-]+ )*journal)\ndebut=({INSTANT})\nfin=({INSTANT})\n"
NAME = re.compile(r"([A-Za-z0-9][\w-]*/)?[A-Za-z0-9][\w-]*([.][\w-]*)?", re.ASCII)
KEYS = re.compile(r'(?<=[,{[])"(prev|seq|target|target_seq|type|outcome|v|day|finished_at|scheduled_at)":')
FORM = re.compile(
    f"{NUMBER} {NUMBER} 1 (observation:[a-z_]+/({INSTANT})?/{INSTANT}|gap:/{INSTANT}/|draw://{DATE}"
    "|(?!(observation|gap|draw):)[a-z_]+:[a-z_]*//.*)")
h, DAY = bytes.fromhex, timedelta(days=1)
class Altered(Exception): ...
class Files(dict):  # The pieces; `read` is the last one looked at, hence the one that made no sense.
    read = "SHA256SUMS"
    def __getitem__(self, name):
        self.read = name
        return super().__getitem__(name)
def need(holds, piece, why):
    if not holds: raise Altered(f"{piece} : {why}")
def digest(data): return hashlib.sha256(data).hexdigest()

# --- Signatures: RSA (PKCS 1 v1.5), ECDSA over P-256 and P-384, Ed25519. Only public data is handled here.
SHA = {h(f"6086480165030402{n:02x}"): f"sha{bits}" for n, bits in ((1, 256), (2, 384), (3, 512))}
SIGNED = {h(f"2a864886f70d0101{n:02x}"): f"sha{bits}" for n, bits in ((11, 256), (12, 384), (13, 512))}
SIGNED.update({h(f"2a8648ce3d0403{n:02x}"): f"sha{bits}" for n, bits in ((2, 256), (3, 384), (4, 512))})
CURVES = {  # name: prime, order, generator; the coefficient a is -3
    h("2a8648ce3d030107"): (
        2**256 - 2**224 + 2**192 + 2**96 - 1, 2**256 - 2**224 + 2**192 - 0x4319055258E8617B0C46353D039CDAAF,
        "6b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c296"
        "4fe342e2fe1a7f9b8ee7eb4a7c0f9e162bce33576b315ececbb6406837bf51f5"),
    h("2b81040022"): (
        2**384 - 2**128 - 2**96 + 2**32 - 1, 2**384 - 0x389CB27E0BC8D220A7E5F24DB74F58851313E695333AD68D,
        "aa87ca22be8b05378eb1c71ef320ad746e1d3b628ba79b9859f741e082542a385502f25dbf55296c3a545e3872760ab7"
        "3617de4a96262c6f5d9e98bf9292dc29f8f41dbd289a147ce9da3113b5f0b8c00a60b1ce1d7e819d7a431d7c90ea0e5f")}
KEY, P, ORDER = h("302a300506032b6570032100"), 2**255 - 19, 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, -1, P) % P
number = functools.partial(int.from_bytes, byteorder="big")
def times(add, zero, point, count):
    steps = {"0": zero, "1": point}
    return functools.reduce(lambda total, bit: add(add(total, total), steps[bit]), bin(count)[2:], zero)
def ec_add(p, one, two):
    if one is None or two is None: return one or two
    if one[0] == two[0] and (one[1] + two[1]) % p == 0: return None
    rise, run = (3 * (one[0] ** 2 - 1), 2 * one[1]) if one == two else (two[1] - one[1], two[0] - one[0])
    slope = rise * pow(run, -1, p)
    x = (slope * slope - one[0] - two[0]) % p
    return x, (slope * (one[0] - x) - one[1]) % p
def ecdsa(spki, signature, hashed):
    p, n, base = CURVES[spki[0][1].body]
    base, key = ((number(xy[:len(xy) // 2]), number(xy[len(xy) // 2:])) for xy in (h(base), spki[1].body[2:]))
    r, s = (number(part.body) for part in Der(signature))
    if not (0 < r < n and 0 < s < n): return False
    add, inverse = functools.partial(ec_add, p), pow(s, -1, n)
    z = number(hashed[:n.bit_length() // 8])
    point = add(times(add, None, base, z * inverse % n), times(add, None, key, r * inverse % n))
    return point is not None and point[0] % n == r
def rsa(spki, signature, sha, hashed):
    n, e = (number(part.body) for part in Der(spki[1].body[1:]))
    size, oid = (n.bit_length() + 7) // 8, next(oid for oid in SHA if SHA[oid] == sha)
    info = h("300d0609") + oid + h("0500") + bytes([4, len(hashed)]) + hashed
    padded = b"\0\1" + b"\xff" * (size - 5 - len(info)) + b"\0" + bytes([0x30, len(info)]) + info
    return len(signature) == size and pow(number(signature), e, n) == number(padded)
def signed_by(spki, signature, sha, message):
    elliptic, hashed = spki[0][0].body == h("2a8648ce3d0201"), hashlib.new(sha, message).digest()
    return ecdsa(spki, signature, hashed) if elliptic else rsa(spki, signature, sha, hashed)
def ed_add(one, two):
    cross = D * one[0] * two[0] * one[1] * two[1] % P
    return ((one[0] * two[1] + two[0] * one[1]) * pow(1 + cross, -1, P) % P,
            (one[1] * two[1] + one[0] * two[0]) * pow(1 - cross, -1, P) % P)
def ed_point(data):
    y = int.from_bytes(data, "little") & (1 << 255) - 1
    square = (y * y - 1) * pow(D * y * y + 1, -1, P) % P
    x = pow(square, (P + 3) // 8, P)
    x = x if (x * x - square) % P == 0 else x * pow(2, (P - 1) // 4, P) % P
    return (x if x & 1 == data[31] >> 7 else P - x, y) if y < P and (x * x - square) % P == 0 else None
def ed25519(key, signature, message):
    if len(signature) != 64 or int.from_bytes(signature[32:], "little") >= ORDER: return False
    r, a, base = map(ed_point, (signature[:32], key, (4 * pow(5, -1, P) % P).to_bytes(32, "little")))
    k = int.from_bytes(hashlib.sha512(signature[:32] + key + message).digest(), "little") % ORDER
    left = times(ed_add, (0, 1), base, int.from_bytes(signature[32:], "little"))
    return None not in (r, a) and left == ed_add(r, times(ed_add, (0, 1), a, k))

# --- Time stamps (RFC 3161) and certificates
class Der(list):
    """One DER value: tag, contents, all its bytes, and its parts when it has any."""
    def __init__(self, data, whole=True):
        start = 2 + (data[1] & 127 if data[1] & 128 else 0)
        end = start + (number(data[2:start]) if data[1] & 128 else data[1])
        self.tag, self.body, self.raw = data[0], data[start:end], data[:end]
        if end > len(data) or (whole and end < len(data)): raise ValueError("DER")
        rest = self.body if self.tag & 0x20 else b""
        while rest:
            self.append(Der(rest, whole=False))
            rest = rest[len(self[-1].raw):]
class Certificate:
    def __init__(self, data):
        tbs, algorithm, signature = Der(data)
        fields = [part for part in tbs if part.tag != 0xA0]
        self.raw, self.tbs, self.signature = data, tbs.raw, signature.body[1:]
        self.serial, self.issuer, self.subject = (fields[n].raw for n in (0, 2, 4))
        self.spki, self.sha = fields[5], SIGNED.get(algorithm[0].body, "")
        self.begins, self.ends = map(moment, fields[3])
        extensions = {part[0].body: part[-1].body for part in fields[-1][0]} if fields[-1].tag == 0xA3 else {}
        self.stamps = extensions.get(h("551d25")) == h("300a06082b06010505070308")
        self.certifies = h("0101ff") in extensions.get(h("551d13"), b"")
certificate = functools.cache(Certificate)
@functools.cache
def signs(above, below):
    with contextlib.suppress(ValueError, KeyError):
        return signed_by(above.spki, below.signature, below.sha, below.tbs)
def moment(value):
    text = ("20" if value.tag == 0x17 else "") + value.body.decode()
    return datetime.strptime(text[:14] + "+0000", "%Y%m%d%H%M%S%z")
def leads_to(root, below, at, pool):
    if not below.begins <= at <= below.ends or below is root: return below is root
    pool = [one for one in pool if one is not below]
    above = (one for one in pool if one.certifies and one.subject == below.issuer)
    return any(signs(one, below) and leads_to(root, one, at, pool) for one in above)
def stamped_at(reply, data, root, known):
    """When the authority under `root` stamped `data`; an exception when the reply does not prove it."""
    (status, *_), (_, ((_, _, content, certificates, *_, (signer_info,)),)) = Der(reply)
    _, sid, algorithm, attributes, _, signature = signer_info[:6]
    info, sha = Der(content[1][0].body), SHA[algorithm[0].body]
    pool = [*(certificate(part.raw) for part in certificates), *known]
    values = {part[0].body: part[1][0] for part in attributes}
    (signer,) = {one for one in pool if (one.issuer, one.serial) == (sid[0].raw, sid[1].raw)}
    if not all((
        status.body in (b"\0", b"\1") and signer.stamps,
        info[2][1].body == hashlib.new(SHA[info[2][0][0].body], data).digest(),
        values[h("2a864886f70d010903")].body == content[0].body == h("2a864886f70d0109100104"),
        values[h("2a864886f70d010904")].body == hashlib.new(sha, info.raw).digest(),
        signed_by(signer.spki, signature.body, sha, b"\x31" + attributes.raw[1:]),
        leads_to(root, signer, moment(info[4]), pool),
    )):
        raise ValueError("le jeton ne prouve pas ce sceau")
    return moment(info[4])

# --- The folder
def manifest(files):
    """Nothing was changed, added or taken away since the folder was made; sealed pieces by file name."""
    names = sorted(set(files) - {"SHA256SUMS", "SHA256SUMS.sig"})
    text = files["SHA256SUMS"].decode("utf-8", "replace")
    found = "".join(f"{digest(files[name])}  {name}\n" for name in names)
    odd = sorted(line[66:] for line in set(text.split("\n")) ^ set(found.split("\n")))
    need(text == found, "".join(odd[:1]) or "SHA256SUMS", "pièce modifiée, ajoutée ou absente")
    short = Counter(name.rpartition("/")[2] for name in names)
    for name in names:
        need(NAME.fullmatch(name) and short[name.rpartition("/")[2]] == 1, name, "nom interdit ou en double")
    return {name.rpartition("/")[2]: name for name in names if re.match("preuves/|donnees/.*[.]jsonl$", name)}
def day_end(day): return datetime.fromisoformat(day + "T00:00:00+00:00") + DAY
def eve(day): return str((day_end(day) - 2 * DAY).date())
def sealed(files, places, targets):
    """What each day's seal says: every piece of its day and the seal of the day before, all unchanged."""
    said = {}
    for seal in sorted(name for name in places if re.fullmatch(f"SEAL-{DATE}[.]sha256", name)):
        day, text = seal[5:15], files[places[seal]].decode()
        said[day] = inside = dict(line.split("  ")[::-1] for line in text.splitlines())
        form = "".join(f"{inside[name]}  {name}\n" for name in sorted(inside))
        own = all(name[:10] == day for name in inside if name[-6:] == ".jsonl")
        need(form == text and own, seal, "illisible")
        need(day == min(said) or f"SEAL-{eve(day)}.sha256" in inside, seal, "chaîne rompue")
        for name, expected in inside.items():
            older = "SEAL-" < name < f"SEAL-{min(said)}"
            ours = name[11:-6] in targets if name[-6:] == ".jsonl" else not older
            need(name in places or not ours, name, f"nommée par le sceau du {day}, absente")
            same = name not in places or digest(files[places[name]]) == expected
            need(same, name, f"n'est pas la pièce scellée le {day}")
    named = {f"SEAL-{max(said)}.sha256"}.union(*said.values())
    for name, place in places.items():
        need(name in named or name.endswith((".tsr", ".tlog-proof")), place, "nommée par aucun sceau")
    return said
def late_days(files, places, days, pins):
    """The days no pinned authority dated within a day of their end, each with the date it has, if any."""
    held = {place: certificate(ssl.PEM_cert_to_DER_cert(files[place].decode()))
            for place in files if place.startswith("autorites/")}
    for place, one in held.items():
        need(ssl.DER_cert_to_PEM_cert(one.raw).encode() == files[place], place, "certificat illisible")
    pinned = {place for place, one in held.items() if digest(one.raw) in pins and place[-9:] == "-root.pem"}
    need(pinned, "autorites", "aucun certificat n'a l'empreinte donnée")
    bound, late = None, []
    for day in sorted(days, reverse=True):
        for name in (name for name in places if name.startswith(f"SEAL-{day}_") and name[-4:] == ".tsr"):
            root, seal = f"autorites/{name[16:-4]}-root.pem", files[f"preuves/SEAL-{day}.sha256"]
            at = stamped_at(files[places[name]], seal, held[root], [*held.values()])
            need(at >= day_end(day), name, "daté avant la fin du jour")
            bound = min(bound or at, at) if root in pinned else bound
        if not bound or bound - day_end(day) > DAY:
            late.append(f"{day} {'daté du ' + bound.isoformat() if bound else 'sans date opposable'}")
    return late
def parsed(line, target):
    """A record in the one form both verifiers read alike, and the instant it was seen or the day drawn."""
    text = line.decode()
    fact, keys = json.loads(text), KEYS.findall(text)
    form = json.dumps(fact, ensure_ascii=False, sort_keys=True, separators=(",", ":")) + "\n"
    seq, kind, dated = fact["seq"], fact["type"], fact.get("day", "") + fact.get("finished_at", "")
    said = f"{seq!r} {fact['target_seq']!r} {fact['v']!r} " + kind + ":" + fact.get("outcome", "")
    right = form == text and len(keys) == len(set(keys)) and fact["target"] == target
    right = right and FORM.fullmatch(said + "/" + fact.get("scheduled_at", "") + "/" + dated)
    need(right, f"{target} ligne {seq}", "ligne illisible")
    return fact, dated if kind in ("observation", "draw") else ""
def chained(files, places, targets, begin, end, first):
    """Every record by number, and what was recorded late: chains unbroken, each drawn instant ended once."""
    rows, drawn, kept, late = {}, Counter(), Counter(), []
    for target in targets:
        expected = None
        for name in sorted(name for name in places if name[10:] == f"_{target}.jsonl"):
            day = name[:10]
            for line in files[places[name]].splitlines(keepends=True):
                fact, dated = parsed(line, target)
                seq, here = fact["seq"], (fact["prev"], fact["target_seq"])
                need(expected in (None, here) and seq not in rows, f"{name} ligne {seq}", "chaîne rompue")
                begun = expected or here[1] == 0 or first <= begin[:10]
                need(begun, "donnees/PERIMETRE.txt", "la période commence avant les jours scellés")
                rows[seq], expected = (fact, line), (digest(line), here[1] + 1)
                drawn.update((target, at) for at in fact.get("instants", ()))
                kept[target, fact.get("scheduled_at", "")] += 1
                soon = dated[:10] in (eve(day), day) if dated[10:] else not dated or dated > day
                if not soon and begin[:10] <= dated and (dated + "T00:00:00.000Z")[:24] < end:
                    late.append(f"{target} ligne {seq} : {fact['type']} de {dated} au journal le {day}")
    for one in sorted(one for one in drawn | kept if begin <= one[1] < end):
        need(drawn[one] == kept[one] == 1, " ".join(one), "pas exactement un relevé ou une lacune")
    return rows, late
def proved(files, places, rows, key):
    """The manifest bears the log's signature; each proof leads from its record to a sealed tree head."""
    begin, body, *_ = files[places[key]].decode().split("\n")
    raw = base64.b64decode(body)
    need(begin == "-----BEGIN PUBLIC KEY-----" and raw[:12] == KEY, key, "illisible")
    genuine = ed25519(raw[12:], files["SHA256SUMS.sig"], files["SHA256SUMS"])
    need(genuine, "SHA256SUMS.sig", "signature étrangère")
    heads = {files[place] for name, place in places.items() if name.startswith("CHECKPOINT")}
    for name in (name for name in places if name.endswith(".tlog-proof")):
        lines, _, note = files[places[name]].decode().partition("\n\n")
        (_, index, *path), (_, size, root, *_) = lines.split("\n"), note.split("\n")
        index, last = int(re.fullmatch("index " + NUMBER, index)[1]), int(re.fullmatch(NUMBER, size)[0]) - 1
        sealed_head = note.encode() in heads and index in rows and index <= last
        need(sealed_head, name, "tête d'arbre ou ligne étrangère")
        current = hashlib.sha256(b"\0" + rows[index][1]).digest()
        for sibling in (base64.b64decode(line, validate=True) for line in path):
            left = index & 1 or index == last
            current = hashlib.sha256(b"\1" + (sibling + current if left else current + sibling)).digest()
            while left and index and not index & 1:
                index, last = index >> 1, last >> 1
            index, last = index >> 1, last >> 1
        need(last == 0 and current == base64.b64decode(root), name, "ne mène pas à la tête de l'arbre")
def captured(files, rows):
    """Each capture has the digest its name says, and a record names it; the pages recorded but missing."""
    facts = [fact for fact, _ in rows.values()]
    pages = {step[body] for fact in facts for step in fact.get("steps", ()) for body in BODIES & step.keys()}
    known = pages | {fact.get("shot_sha256") for fact in facts}
    held = {place[9:73]: place for place in files if re.fullmatch("captures/.{64}[.].*", place)}
    for name, place in held.items():
        need(digest(files[place]) == name and name in known, place, "n'est la capture d'aucune ligne")
    return pages - set(held) - {digest(b"")}
def verify(files, pins):
    """What is late, what pages are missing, the period's results. Raises `Altered`, or another error."""
    places = manifest(files)
    targets, begin, end = re.fullmatch(SCOPE, files["donnees/PERIMETRE.txt"].decode()).groups()
    said = sealed(files, places, targets.split())
    sealed_to = f"{day_end(max(said)).date()}T00:00:00.000Z"
    need(begin < end <= sealed_to, "donnees/PERIMETRE.txt", "la période dépasse les jours scellés")
    late = late_days(files, places, said, {pin.replace(":", "").lower() for pin in pins})
    rows, tardy = chained(files, places, targets.split(), begin, end, min(said))
    proved(files, places, rows, max(name for name in said[max(said)] if name.startswith("LOG-")))
    facts = (fact for fact, _ in rows.values() if begin <= fact.get("scheduled_at", "") < end)
    results = Counter(f"{fact['target']} {fact.get('outcome', fact['type'])}" for fact in facts)
    return late + tardy, captured(files, rows), (begin, end, results, len(rows))
def main():
    here, files = Path(sys.argv.pop(1)) if "/" in sys.argv[1] else Path(__file__).parent, Files()
    try:
        for path in here.rglob("*"):
            name, file = path.relative_to(here).as_posix(), path.is_file()
            folder = path.is_dir() and "/" not in name and name[0] != "."
            need((file or folder) and not path.is_symlink(), name, "n'est pas un fichier du dossier")
            files.update({name: path.read_bytes()} if file else {})
        late, missing, (begin, end, results, count) = verify(files, sys.argv[1:])
    except Exception as error:  # noqa: BLE001  a malformed folder may break anything: it is altered
        sys.exit(f"ALTÉRÉ : {error if isinstance(error, Altered) else f'{files.read} illisible ({error!r})'}")
    print(*(f"TARDIF : {line}" for line in late), f"Sondes programmées du {begin} au {end} :", sep="\n")
    print(*(f"{results[result]:7} {result}\n" for result in sorted(results)), sep="", end="")
    print(f"{count} lignes intactes, {len(missing)} pages absentes, {len(late)} dates tardives")
    sys.exit(2 if late or missing else 0)

if __name__ == "__main__":
    main() if len(sys.argv) > 1 else sys.exit(__doc__)
