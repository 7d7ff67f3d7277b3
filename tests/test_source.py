"""YAML to plain data: the meaning of scalars, what is refused, and where everything stands."""

# ruff: noqa: PT017 - in properties an error may come or not; if it does, it is looked at

from __future__ import annotations

import base64
import json
import resource
import subprocess
import sys

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from generator import source
from generator.finding import render
from generator.rules import RULES
from generator.source import MAX_BYTES, MAX_DEPTH, MAX_FAULTS, SourceError, parse, read
from tests.support import ROOT

DATA = ROOT / "tests" / "data"
SCALARS = yaml.safe_load((DATA / "yaml-scalars.yaml").read_text(encoding="utf-8"))
REFUSED = yaml.safe_load((DATA / "yaml-refused.yaml").read_text(encoding="utf-8"))


def documents(text: str) -> list[object]:
    return parse(text.encode(), "f.yaml").documents


def refusal(raw: str | bytes) -> list[tuple[str, int, int]]:
    """(rule, line, column) of the findings with which the text is refused."""
    with pytest.raises(SourceError) as caught:
        parse(raw.encode() if isinstance(raw, str) else raw, "f.yaml")
    places = [(f.rule, f.place) for f in caught.value.findings]
    assert all(place.path == "f.yaml" for _, place in places)
    return [(rule, place.line, place.column) for rule, place in places]


# -- meaning ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("vector", SCALARS, ids=lambda v: v["text"] or "empty")
def test_a_scalar_has_the_meaning_of_YAML_1_2(vector):
    found = documents(f"k: {vector['text']}\n") + documents(f"- {vector['text']}\n")
    assert found == [{"k": vector["value"]}, [vector["value"]]]
    assert type(found[0]["k"]) is type(vector["value"])


@pytest.mark.parametrize(
    "key", ["no", "true", "null", "~", "0123", "7", "1e3", "2026-11-21", "12:30", "<<"]
)
def test_a_key_is_text_as_written(key):
    assert documents(f"{key}: x\n") == [{key: "x"}]


def test_an_integer_prints_as_it_was_written():
    """No selector or tenant loses or gains a character by having been a number."""
    for vector in SCALARS:
        if isinstance(vector["value"], int) and not isinstance(vector["value"], bool):
            assert str(vector["value"]) == vector["text"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", []),
        ("# only a comment\n", []),
        ("---\n", [None]),
        ("a: 1\n---\nb: 2\n", [{"a": 1}, {"b": 2}]),
        ("---\na: 1\n...\n---\n- x\n", [{"a": 1}, ["x"]]),
        ("---\n---\nx\n", [None, "x"]),
        ("\ufeffa: 1\n", [{"a": 1}]),
        ("a: 1\r\nb:\r\n  - x\r\n", [{"a": 1, "b": ["x"]}]),
        ("{}", [{}]),
        ("[]", [[]]),
        ("a: |\n  x\n  y\n", [{"a": "x\ny\n"}]),
        ("a: >-\n  x\n  y\n", [{"a": "x y"}]),
        ('a: "x\\\n  y"\n', [{"a": "xy"}]),
        ("a: x # y\n", [{"a": "x"}]),
        ("a: 'x &y *z !t'\n", [{"a": "x &y *z !t"}]),
        ("a: x*y&z!\n", [{"a": "x*y&z!"}]),
        ("%YAML 1.1\n---\na: no\n", [{"a": "no"}]),
    ],
)
def test_documents_become_plain_data(text, expected):
    assert documents(text) == expected


# PyYAML's own dumper loses U+0085 when it may write Unicode.
chars = st.characters(exclude_characters="\x85", exclude_categories=("Cs",))
plain = st.recursive(
    st.one_of(
        st.none(),
        st.booleans(),
        st.integers(-(10**17), 10**17),
        st.text(chars, max_size=20),
        st.sampled_from(
            ["no", "0123", "1e3", "a: b", "# x", "*a", "&a", "!a", "- x", "\u2028", "é\n"]
        ),
    ),
    lambda inner: st.one_of(
        st.lists(inner, max_size=4), st.dictionaries(st.text(chars, max_size=8), inner, max_size=4)
    ),
    max_leaves=12,
)


class Dumper(yaml.SafeDumper):
    """PyYAML's dumper, without the aliases that it writes for equal objects."""

    def ignore_aliases(self, data: object) -> bool:
        return True


@given(plain, st.sampled_from([True, False, None]), st.booleans())
def test_what_PyYAML_writes_is_read_as_PyYAML_reads_it(data, flow, unicode):
    text = yaml.dump(data, Dumper=Dumper, default_flow_style=flow, allow_unicode=unicode)
    assert yaml.safe_load(text) == data
    assert documents(text) == [data]


# -- refusals ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("vector", REFUSED, ids=lambda v: ascii(v["text"]))
def test_what_is_no_declaration_is_refused_with_its_places(vector):
    assert refusal(vector["text"]) == [tuple(row) for row in vector["found"]]


def test_a_duplicate_key_names_the_line_of_the_first_one():
    with pytest.raises(SourceError) as caught:
        parse(b"a: 1\nb: 2\na: 3\n", "f.yaml")
    found = caught.value.findings[0]
    assert found.message == "key `a` appears twice"
    assert found.help == "the first one is in line 1; keep one of them"
    assert (found.place.text, found.place.width) == ("a: 3", 1)


@pytest.mark.parametrize(
    ("raw", "place"),
    [
        (b"\xff\xfea\0", ("file-encoding", 1, 1)),
        ("a: 1\nüb: ".encode() + b"\xe4\n", ("file-encoding", 2, 5)),
        (b"a: \xed\xa0\x80", ("file-encoding", 1, 4)),
        (b"a: \xc0\x80", ("file-encoding", 1, 4)),
        (b"\xef\xbb\xbfa: \xff", ("file-encoding", 1, 4)),
        (b"a: b\r\n\xff", ("file-encoding", 2, 1)),
        ("a".encode("utf-16"), ("file-encoding", 1, 1)),
    ],
)
def test_what_is_not_UTF_8_is_refused_at_its_character(raw, place):
    assert refusal(raw) == [place]


def test_a_megabyte_is_the_limit():
    row = b"# " + b"x" * 61 + b"\n"
    full = row * (MAX_BYTES // len(row))
    assert len(full) == MAX_BYTES
    assert parse(full, "f.yaml").documents == []
    assert refusal(full + b"#") == [("file-too-large", 0, 0)]


def test_forty_levels_are_the_limit():
    assert documents("[" * MAX_DEPTH + "]" * MAX_DEPTH)
    assert refusal("[" * (MAX_DEPTH + 1) + "]" * (MAX_DEPTH + 1)) == [
        ("yaml-nesting", 1, MAX_DEPTH + 1)
    ]
    steps = "".join(" " * level + "a:\n" for level in range(MAX_DEPTH + 1))
    assert refusal(steps + " " * (MAX_DEPTH + 1) + "b: 1\n")[0][0] == "yaml-nesting"


def test_of_very_many_faults_a_hundred_are_told():
    assert len(refusal("{" + "a: 1, " * 100_000 + "}")) == MAX_FAULTS
    assert len(refusal("".join(f"- &a{n} x\n" for n in range(5000)))) == MAX_FAULTS
    assert len(refusal("{" + "[]: 1, " * 5000 + "}")) == MAX_FAULTS


LAUGHS = "a0: &a0 [x, x]\n" + "".join(
    f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]\n" for n in range(1, 30)
)
HEAVY = {
    "brackets": ("[" * 200_000, "yaml-nesting"),
    "braces": ("{a: " * 200_000, "yaml-nesting"),
    "closed brackets": ("[" * 200_000 + "]" * 200_000, "yaml-nesting"),
    "dashes on a line": ("- " * 25_000 + "x", "yaml-nesting"),
    "dashes and tabs": ("-\t" * 25_000 + "x", "yaml-syntax"),
    "question marks on a line": ("? " * 25_000 + "x", "yaml-nesting"),
    "dashes and question marks": ("- ? " * 12_000 + "x", "yaml-nesting"),
    "steps of indentation": ("".join(" " * n + "a:\n" for n in range(1400)), "yaml-nesting"),
    "steps of dashes": (
        "".join(" " * (38 * n) + "- " * 19 + "\n" for n in range(220)) + " " * (38 * 220) + "- x",
        "yaml-nesting",
    ),
    "billion laughs": (LAUGHS, "yaml-alias"),
    "an alias of itself": ("a: &a [*a]", "yaml-alias"),
    "a hundred thousand anchors": ("- &a x\n" * 100_000, "yaml-alias"),
    "one long plain scalar": ("a: " + "x" * 1_000_000, ""),
    "one long key": ("x" * 1_000_000 + ": a", "yaml-syntax"),
    "many documents": ("---\n" * 200_000, ""),
    "many keys": ("".join(f"k{n}: {n}\n" for n in range(70_000)), ""),
    "duplicate keys on one line": ("{" + "a: 1, " * 150_000 + "}", "yaml-duplicate-key"),
    "an unclosed quote": ("a: '" + "x\n" * 400_000, "yaml-syntax"),
    "control characters": ("a: " + "\x01" * 500_000, "file-encoding"),
    "colons": (":" * 1_000_000, "yaml-syntax"),
    "percent signs": ("%" * 1_000_000, "yaml-syntax"),
    "carriage returns": ("\r" * 1_000_000 + "'", "yaml-syntax"),
}
# One process for all: whatever ends it, by a crash or by memory, ends the test.
JUDGE = """
import json, sys, time
from generator.source import SourceError, parse
from generator.finding import render
for text in json.load(sys.stdin):
    began = time.process_time()
    try:
        parse(text.encode(), "f.yaml")
        rule = ""
    except SourceError as error:
        rule = error.findings[0].rule
        [render(f) for f in error.findings]
    print(json.dumps([rule, time.process_time() - began]), flush=True)
"""


def limits() -> None:
    resource.setrlimit(resource.RLIMIT_AS, (1 << 30, 1 << 30))
    resource.setrlimit(resource.RLIMIT_CPU, (100, 100))


@pytest.fixture(scope="module")
def verdicts():
    """The rule with which each of the heavy texts is refused, in a process with 1 GiB."""
    found = subprocess.run(
        [sys.executable, "-c", JUDGE],
        input=json.dumps([text for text, _ in HEAVY.values()]),
        capture_output=True,
        text=True,
        cwd=ROOT,
        preexec_fn=limits,
        check=False,
    )
    rows = [json.loads(line) for line in found.stdout.splitlines()]
    return dict(zip(HEAVY, rows, strict=False))


@pytest.mark.parametrize("name", HEAVY)
def test_a_heavy_text_neither_crashes_nor_explodes(verdicts, name):
    """Refused by its rule (or read, where it is legal), within 1 GiB and the time allowed."""
    assert name in verdicts, "the process ended here"
    assert verdicts[name][0] == HEAVY[name][1]


# -- files ------------------------------------------------------------------------------------------


def test_a_file_is_read_under_the_name_to_show(tmp_path):
    file = tmp_path / "x.yaml"
    file.write_text("a: [1]\n")
    found = read(file, "zones/x.yaml")
    assert found.documents == [{"a": [1]}]
    assert found.spot(0, "a").place().path == "zones/x.yaml"


def test_a_file_that_cannot_be_read_is_a_finding(tmp_path):
    for file in (tmp_path / "absent.yaml", tmp_path):
        with pytest.raises(SourceError) as caught:
            read(file, "zones/x.yaml")
        assert [f.rule for f in caught.value.findings] == ["file-unreadable"]


def test_no_more_of_a_file_than_the_limit_is_read(tmp_path):
    """A sparse file of a terabyte is refused as any large one is."""
    file = tmp_path / "huge.yaml"
    with file.open("wb") as stream:
        try:
            stream.truncate(1 << 40)
        except OSError:
            pytest.skip("the file system has no sparse files of that size")
    with pytest.raises(SourceError) as caught:
        read(file, "zones/huge.yaml")
    assert [f.rule for f in caught.value.findings] == ["file-too-large"]


# -- places -----------------------------------------------------------------------------------------

TEXT = """\
domain: example.com
services:
  - use: bücher-dienst
    dkim: {sé: "ÄÖÜ", next: x}
  - plain
ünï: [a, b]
last:
"""


@pytest.mark.parametrize(
    ("path", "key", "place"),
    [
        ((), False, (1, 1)),
        ((0,), False, (1, 1)),
        ((0, "domain"), False, (1, 9)),
        ((0, "domain"), True, (1, 1)),
        ((0, "services"), True, (2, 1)),
        ((0, "services"), False, (3, 3)),
        ((0, "services", 0), False, (3, 5)),
        ((0, "services", 0, "use"), False, (3, 10)),
        ((0, "services", 0, "dkim", "sé"), True, (4, 12)),
        ((0, "services", 0, "dkim", "sé"), False, (4, 16)),
        ((0, "services", 0, "dkim", "next"), True, (4, 23)),
        ((0, "services", 0, "dkim", "next"), False, (4, 29)),
        ((0, "services", 1), False, (5, 5)),
        ((0, "ünï", 1), False, (6, 10)),
        ((0, "last"), False, (7, 6)),
        # what is not there is at the nearest place above it
        ((0, "services", 0, "at"), False, (3, 5)),
        ((0, "services", 7), False, (3, 3)),
        ((0, "domain", "x", 3), False, (1, 9)),
        ((0, "nothing"), True, (1, 1)),
        ((9, "domain"), False, (1, 9)),
    ],
)
def test_a_value_and_a_key_have_their_places(path, key, place):
    found = parse(TEXT.encode(), "f.yaml").spot(*path, key=key).place()
    assert (found.line, found.column) == place


def test_a_place_shows_its_line_and_the_width_of_what_it_names():
    found = parse(TEXT.encode(), "f.yaml").locate((0, "services", 0, "dkim", "sé"))
    assert found.text == '    dkim: {sé: "ÄÖÜ", next: x}'
    assert found.width == len('"ÄÖÜ"')
    assert found.text[found.column - 1 :][: found.width] == '"ÄÖÜ"'


def test_places_in_later_documents():
    found = parse(b"a: 1\n---\n# x\na: {b: 2}\n", "f.yaml").locate((1, "a", "b"))
    assert (found.line, found.column) == (4, 8)


def test_places_with_CRLF_and_a_byte_order_mark():
    found = parse("\ufeffa: 1\r\nb: ü\r\n".encode(), "f.yaml").locate((0, "b"))
    assert (found.line, found.column, found.text) == (2, 4, "b: ü")


def test_an_empty_text_has_one_place():
    found = parse(b"", "f.yaml").locate((0, "a"))
    assert (found.line, found.column, found.text) == (1, 1, "")


def test_a_column_counts_what_the_file_holds_though_the_shown_line_is_masked():
    """Editors jump to the column of the file; the underline belongs under the shown text."""
    text = f"dkim: {{s1: {'A' * 100}, s2: here}}"
    found = parse(text.encode(), "f.yaml").locate((0, "dkim", "s2"))
    assert found.column == text.index("here") + 1
    assert found.text[found.shown - 1 :].startswith("here")


def test_a_line_too_long_to_show_is_only_pointed_at():
    text = "a: {b: '" + "x " * 5000 + "', b: 1}"
    with pytest.raises(SourceError) as caught:
        parse(text.encode(), "f.yaml")
    place = caught.value.findings[0].place
    assert (place.line, place.column, place.text) == (1, text.rindex("b") + 1, "")


# -- private keys -----------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def secrets() -> dict[str, str]:
    """Private keys in PEM, by their kind."""
    from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
    from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

    made = {}
    for name, key in {
        "rsa": rsa.generate_private_key(65537, 1024),
        "ec": ec.generate_private_key(ec.SECP256R1()),
        "ed25519": ed25519.Ed25519PrivateKey.generate(),
    }.items():
        for form in ("PKCS8", "TraditionalOpenSSL", "OpenSSH"):
            if f"{name}-{form}" not in KINDS:
                continue
            pem = key.private_bytes(Encoding.PEM, getattr(PrivateFormat, form), NoEncryption())
            made[f"{name}-{form}"] = pem.decode().strip()
    return made


KINDS = [
    "rsa-PKCS8", "rsa-TraditionalOpenSSL", "rsa-OpenSSH", "ec-PKCS8", "ec-TraditionalOpenSSL",
    "ec-OpenSSH", "ed25519-PKCS8", "ed25519-OpenSSH",
]  # fmt: skip


def leaks(shown: str, body: str) -> list[str]:
    """Pieces of ten characters of the key that are shown."""
    return [body[at : at + 10] for at in range(len(body) - 9) if body[at : at + 10] in shown]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("armour", [True, False], ids=["pem", "bare"])
@pytest.mark.parametrize(
    "form",
    [
        "key: |\n{indented}\nkey: x\n",
        "key: |\n{indented}\n bad: [\n",
        "key: {joined}\nkey: {joined}\n",
        "{joined}: 1\n{joined}: 2\n",
        "key: &{joined} x\n",
        "key: *{joined}\n",
        "key: !{joined} x\n",
        "key: '{joined}\n",
        "{lines}\n",
        "a: [{joined}\n",
        'a: "{joined}\\q"\n',
        "a: {joined}: b\n",
    ],
)
def test_no_message_shows_a_private_key(secrets, kind, armour, form):
    """Whatever is wrong with a file that holds one, in PEM or as bare base64."""
    lines = secrets[kind].split("\n")
    body = "".join(lines[1:-1])
    lines = lines if armour else lines[1:-1]
    text = form.format(
        lines="\n".join(lines),
        indented="\n".join("  " + line for line in lines),
        joined=body,
    )
    try:
        found = parse(text.encode(), "f.yaml")
    except SourceError as error:
        shown = "\n".join(map(render, error.findings)) + str(error)
    else:
        places = [found.locate((0,)), found.locate((0, "key")), found.locate((0, "key"), key=True)]
        shown = "\n".join(place.text for place in places)
    if "PRIVATE KEY" in text or not body.startswith("M"):
        assert not leaks(shown, body)
    else:
        assert not leaks(shown, body[8:])


@pytest.mark.parametrize("kind", KINDS)
def test_a_file_with_a_private_key_is_known_by_it(secrets, kind):
    body = "".join(secrets[kind].split("\n")[1:-1])
    assert parse(f"a: {body}\n".encode(), "f.yaml").secret
    assert parse(f"a: |\n{secrets[kind]}".replace("\n", "\n  ").encode(), "f.yaml").secret


def test_a_file_with_public_keys_is_shown():
    from cryptography.hazmat.primitives.asymmetric import ed25519, rsa
    from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

    for key in (rsa.generate_private_key(65537, 1024), ed25519.Ed25519PrivateKey.generate()):
        raw = key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
        found = parse(f"a: services\nb: {base64.b64encode(raw).decode()}\n".encode(), "f.yaml")
        assert not found.secret
        assert found.locate((0, "a")).text == "a: services"


# -- properties -------------------------------------------------------------------------------------


def check_any(raw: bytes) -> None:
    try:
        found = parse(raw, "f.yaml")
    except SourceError as error:
        assert error.findings
        for each in error.findings:
            assert each.rule in RULES
            assert "\n" not in each.message
            assert render(each)
    else:
        for index, document in enumerate(found.documents):
            place = found.locate((index,))
            assert place.line >= 1
            assert place.column >= 1
            if isinstance(document, dict):
                assert all(isinstance(key, str) for key in document)


@given(st.binary(max_size=200))
def test_any_octets_are_data_or_a_SourceError(raw):
    check_any(raw)


@given(st.text(max_size=200))
def test_any_text_is_data_or_a_SourceError(text):
    check_any(text.encode("utf-8", "surrogatepass"))


@given(st.text("ab01:-?[]{},#&*!|>'\"%@` \n\t\r\x85\u2028\u00e4\x00~.<=", max_size=60))
def test_any_text_that_looks_like_YAML_is_data_or_a_SourceError(text):
    check_any(text.encode())


@given(plain, st.integers(0, 1000), st.sampled_from(list(":-[]{}&*!'\"\t\n#\r\x01\u2028")))
def test_a_broken_text_is_data_or_a_SourceError(data, at, char):
    text = yaml.dump(data, Dumper=Dumper, allow_unicode=True)
    at %= len(text)
    check_any((text[:at] + char + text[at:]).encode("utf-8", "surrogatepass"))


def paths(data: object, base: tuple[str | int, ...]) -> list[tuple[tuple[str | int, ...], object]]:
    found = [(base, data)]
    rows = (
        data.items()
        if isinstance(data, dict)
        else enumerate(data)
        if isinstance(data, list)
        else ()
    )
    for step, inner in rows:
        found += paths(inner, (*base, step))
    return found


words = st.recursive(
    st.text("abcüß", min_size=1, max_size=6),
    lambda inner: st.one_of(
        st.lists(inner, min_size=1, max_size=3),
        st.dictionaries(st.text("klmöñ", min_size=1, max_size=4), inner, min_size=1, max_size=3),
    ),
    max_leaves=10,
)


@given(words, st.booleans())
def test_every_scalar_and_every_key_stands_where_locate_says(data, flow):
    text = yaml.dump(data, Dumper=Dumper, default_flow_style=flow, allow_unicode=True, width=10**6)
    lines = text.split("\n")
    found = source.parse(text.encode(), "f.yaml")
    for path, value in paths(data, (0,)):
        if isinstance(value, str):
            place = found.locate(path)
            assert lines[place.line - 1][place.column - 1 :].startswith(value)
            assert place.width == len(value)
        if isinstance(path[-1], str):
            place = found.locate(path, key=True)
            assert lines[place.line - 1][place.column - 1 :].startswith(path[-1])
