"""The input of the benchmarks: made from numbers, the same on every machine."""

from __future__ import annotations

import base64
import copy
import random
from functools import cache
from pathlib import Path
from typing import Any

VERSION = 1  # of everything below; a change of it makes kept input anew

KEYS = 8
CATALOGUE_SIZE = 250  # services of a full-size catalogue

_RSA = bytes.fromhex("300d06092a864886f70d0101010500")  # AlgorithmIdentifier, RFC 3279 2.3.1
_BASE32 = "abcdefghijklmnopqrstuvwxyz234567"
# Addresses that are global by the registry and used by nobody (RFC 7526).
NETWORK = "192.88.99"


def domain_name(number: int) -> str:
    return f"d{number:06d}.example"


# --- declarations ----------------------------------------------------------------------------


@cache
def public_key(number: int) -> str:
    """Base64 of a SubjectPublicKeyInfo around a random odd modulus of 2,048 bits.

    Nobody can sign with it; to a reader of records it is a key like any other.
    """
    modulus = random.Random(f"key {number}").getrandbits(2048) | 1 << 2047 | 1
    numbers = _der(0x02, b"\0" + modulus.to_bytes(256)) + _der(0x02, (65537).to_bytes(3))
    bits = _der(0x03, b"\0" + _der(0x30, numbers))
    return base64.b64encode(_der(0x30, _RSA + bits)).decode("ascii")


def _der(tag: int, content: bytes) -> bytes:
    size = len(content)
    if size < 0x80:
        return bytes([tag, size]) + content
    octets = size.to_bytes((size.bit_length() + 7) // 8)
    return bytes([tag, 0x80 | len(octets)]) + octets + content


def declaration(number: int) -> str:
    """A declaration of 10 to 40 lines without faults, as a team would write it."""
    pick = random.Random(number)
    name = domain_name(number)
    stage = pick.choice(["monitor", "quarantine-test", "quarantine", "reject-test", "reject"])
    lines = [
        f"# Mail of {name}; changed by review only",
        f"domain: {name}",
        f"stage: {stage}",
    ]
    since = f"since: 2026-{pick.randint(1, 9):02d}-{pick.randint(1, 28):02d}"
    if not stage.endswith("-test"):  # those are for weeks, and months old they are warned of
        lines.append(since)
    if pick.random() < 0.3:
        lines.append("goal: reject # people post to mailing lists")
    lines.append("services:")
    lines += pick.choice([_google, _microsoft])(pick)
    others = [_mailgun, _ses, _sendgrid, _postmark, _mailchimp]
    for service in pick.sample(others, pick.choice([0, 1, 1, 2, 2, 3, 3])):
        lines += service(pick)
    if pick.random() < 0.6:
        lines += ["spf:", f'  also: ["ip4:{NETWORK}.{pick.randint(1, 254)}", "a:out.{name}"]']
    if pick.random() < 0.4:
        lines.append(f"helo: [out.{name}, batch.{name}]")
    lines += ["dmarc:", "  reports:", f'    - "mailto:dmarc@{name}"']
    if pick.random() < 0.5:
        lines.append(f"    - {{use: dmarcian, region: eu, token: {_token(pick, 8)}}}")
    if pick.random() < 0.4:
        lines += [
            "records:",
            f'  - {{name: "@", type: TXT, value: "site-verification={_token(pick, 32)}"}}',
        ]
    return "\n".join(lines) + "\n"


def _token(pick: random.Random, size: int) -> str:
    return "".join(pick.choices(_BASE32, k=size))


def _google(pick: random.Random) -> list[str]:
    key = public_key(pick.randrange(KEYS))
    return [
        "  - use: google-workspace",
        "    receives: true",
        f'    dkim: {{google: "v=DKIM1; k=rsa; p={key}"}}',
    ]


def _microsoft(pick: random.Random) -> list[str]:
    return [
        "  - use: microsoft-365",
        f"    tenant: t{_token(pick, 9)} # Admin center > Settings > Domains",
        "    receives: true",
    ]


def _mailgun(pick: random.Random) -> list[str]:
    account = pick.randrange(16**5)
    return [
        "  - use: mailgun",
        "    at: mg",
        f"    region: {pick.choice(['eu', 'us'])} # by contract",
        "    dkim:",
        *(f"      pdk{n}: pdk{n}._domainkey.{account:05x}.dkim1.mailgun.com" for n in (1, 2)),
    ]


def _ses(pick: random.Random) -> list[str]:
    return [
        "  - use: amazon-ses",
        "    at: alerts",
        f"    region: {pick.choice(['eu-west-1', 'us-east-1', 'eu-central-1'])}",
        "    return_path: bounce",
        "    tokens:",
        *(f"      - {_token(pick, 32)}" for _ in range(3)),
    ]


def _sendgrid(pick: random.Random) -> list[str]:
    return [
        "  - use: sendgrid",
        "    at: shop",
        f"    return_path: em{pick.randint(1000, 9999)}",
        f"    account_host: u{pick.randint(10**6, 10**7)}.wl{pick.randint(100, 999)}.sendgrid.net",
    ]


def _postmark(pick: random.Random) -> list[str]:
    selector = f"2026{pick.randint(1, 9):02d}{pick.randint(10, 28)}pm"
    return [
        "  - use: postmark",
        "    at: support",
        "    return_path: pm-bounces",
        "    dkim:",
        f"      {selector}: k=rsa; p={public_key(pick.randrange(KEYS))}",
    ]


def _mailchimp(pick: random.Random) -> list[str]:
    return ["  - mailchimp"]


def write_project(root: Path, domains: int) -> None:
    """A project of so many declarations, one file each."""
    zones = root / "zones"
    zones.mkdir(parents=True)
    for number in range(domains):
        text = declaration(number)
        (zones / f"{domain_name(number)}.yaml").write_text(text, encoding="utf-8")


# --- changes ---------------------------------------------------------------------------------

_STAGES = ("monitor", "quarantine-test", "quarantine", "reject-test", "reject", "enforce")


def changed(number: int) -> str:
    """The declaration after a day's work on it: a rung up, a sender more or less, or a report."""
    text = declaration(number)
    match number % 3:
        case 0:
            stage = text.partition("\nstage: ")[2].partition("\n")[0]
            following = _STAGES[_STAGES.index(stage) + 1]
            return text.replace(f"\nstage: {stage}\n", f"\nstage: {following}\n")
        case 1:
            (line,) = _mailchimp(random.Random())
            if f"\n{line}\n" in text:
                return text.replace(f"\n{line}\n", "\n")
            return text.replace("\nservices:\n", f"\nservices:\n{line}\n")
    report = f'    - "mailto:dmarc@{domain_name(number)}"\n'
    return text.replace(report, report + report.replace("dmarc@", "reports@"))


def write_changes(root: Path, domains: int, changes: int) -> None:
    """Change so many files of a project of so many domains, evenly spread."""
    for number in range(0, domains, domains // changes):
        file = root / "zones" / f"{domain_name(number)}.yaml"
        file.write_text(changed(number), encoding="utf-8")


# --- what vendors publish --------------------------------------------------------------------

SELECTORS = ("s0", "s1", "s2", "s3")
RANGE = f"ip4:{NETWORK}.1"


def vendor_records(name: str) -> dict[str, dict[str, tuple[str, ...]]]:
    """A vendor's SPF at the name: two includes, each of a dozen ranges."""
    pick = random.Random(f"vendor {name}")
    parts = [f"_{number}.{name}" for number in (1, 2)]
    held = {name: f"v=spf1 include:{parts[0]} include:{parts[1]} ~all"}
    for part in parts:
        ranges = [f"ip4:203.0.{pick.randrange(112)}.0/24" for _ in range(12)]
        held[part] = f"v=spf1 {' '.join(ranges)} ~all"
    return {name: {"TXT": (text,)} for name, text in held.items()}


def write_portfolio(root: Path, domains: int) -> None:
    """A project of so many domains in one file, each with six records, SPF at the apex included."""
    records = [
        f"  - {{name: {selector}._domainkey, type: CNAME, value: {selector}.vendor.example}}"
        for selector in SELECTORS
    ]
    lines = [
        "domains:",
        *(f"  - {domain_name(number)}" for number in range(domains)),
        "stage: audit",
        f'spf: {{also: ["{RANGE}"]}}',
        "records:",
        *records,
    ]
    _write(root, lines)


def write_senders(root: Path, domains: int) -> None:
    """A project of so many domains, each with a vendor's include and key of its own; and, beside
    it, the zone ``example`` that has them all: two questions a domain, and 50 nested ones."""
    lines = ["stage: audit", "domains:"]
    zone = ["$TTL 300", "@ IN SOA ns hm 1 7200 900 86400 60", "@ IN NS ns.elsewhere.invalid."]
    for number in range(domains):
        key = f"{{name: s._domainkey, type: CNAME, value: k{number}.example}}"
        spf = f'{{also: ["include:v{number}.example"]}}'
        lines.append(f"  d{number}.test: {{spf: {spf}, records: [{key}]}}")
        zone.append(f'v{number} IN TXT "v=spf1 include:n{number % NESTED}.example ~all"')
        zone.append(
            f'k{number} IN TXT "v=DKIM1; k=rsa; p={public_key(0)[:200]}" "{public_key(0)[200:]}"'
        )
    zone += [f'n{number} IN TXT "v=spf1 ip4:192.0.2.{number} ~all"' for number in range(NESTED)]
    _write(root, lines)
    (root / "example.zone").write_text("\n".join(zone) + "\n", encoding="ascii")


NESTED = 50  # includes behind those of the senders


def _write(root: Path, lines: list[str]) -> None:
    (root / "zones").mkdir(parents=True)
    (root / "zones" / "all.yaml").write_text("\n".join(lines) + "\n", encoding="utf-8")


# --- hand-kept zones -------------------------------------------------------------------------


def zone_text(number: int, records: int = 200) -> bytes:
    """A zone file of so many records, kept by hand: comments, blank owners, relative names."""
    pick = random.Random(f"zone {number}")
    name = domain_name(number)
    lines = [
        f"; {name}, since 2004",
        "$TTL 3600",
        f"@ IN SOA ns1.{name}. hostmaster.{name}. (",
        "        2026110501 ; serial",
        "        4h 1h 2w 1h )",
        f"  IN NS ns1.{name}.",
        "  IN NS ns2.example.net.",
        f"  IN A {_address(pick)}",
    ]
    made = 4
    while made < records:
        host = f"{pick.choice(['web', 'db', 'app', 'host', 'Printer'])}-{made:03d}"
        rows = [f"{host:<16} IN A     {_address(pick)}"]
        if pick.random() < 0.3:
            rows.append(f"{'':<16} 86400 IN AAAA 2001:db8:{pick.randrange(65536):x}::{made:x}")
        if pick.random() < 0.3:
            rows.append(f'{"":<16} IN TXT  "owner=team-{made % 37}" "rack {made % 12}"')
        if pick.random() < 0.3:
            rows.append(f"{host}-old     IN CNAME {host} ; until the move is over")
        rows = rows[: records - made]
        made += len(rows)
        if pick.random() < 0.1:
            lines += ["", f"; --- floor {made % 9} ---"]
        lines += rows
    return "\n".join(lines).encode("ascii") + b"\n"


def _address(pick: random.Random) -> str:
    return f"198.51.100.{pick.randint(1, 254)}"


# --- hostile declarations --------------------------------------------------------------------


def bombs() -> dict[str, str]:
    """YAML that breaks or stalls parsers, by what it does."""
    aliases = ["a0: &a0 [lol, lol, lol, lol, lol, lol, lol, lol, lol, lol]"]
    aliases += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 10)]
    short = ", ".join(f"k{number:x}: 1" for number in range(100_000))
    long = ", ".join(f"key{number:06}: 1" for number in range(100_000))
    return {
        "alias bomb, 10^10 leaves": "\n".join(aliases) + "\n",
        "200,000 of `[`": "[" * 200_000,
        "25,000 of `- `": "- " * 25_000 + "x\n",
        "25,000 of `{a: `": "{a: " * 25_000,
        "100,000 keys in one flow mapping": f"{{domain: example.org, {short}}}\n",
        "the same, over 1 MiB": f"{{domain: example.org, {long}}}\n",
    }


# --- a catalogue of full size ----------------------------------------------------------------


def full_catalogue(entries: dict[str, Any], size: int = CATALOGUE_SIZE) -> dict[str, Any]:
    """The entries and changed copies of them, until there are ``size``."""
    full = dict(entries)
    originals = list(entries.items())
    for number in range(size - len(entries)):
        id, entry = originals[number % len(originals)]
        made = copy.deepcopy(entry)
        made["name"] = f"{entry['name']} {number}"
        made["aliases"] = [f"{alias}-{number}" for alias in entry.get("aliases", ())]
        full[f"{id}-{number}"] = made
    return full
