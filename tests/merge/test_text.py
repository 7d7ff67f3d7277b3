"""The text around the block: every octet kept, whatever was done to it by hand meanwhile."""

from __future__ import annotations

import pytest

from generator.emit.block import restore
from tests.merge.merging import DMARC, KEY, SPF, merged, rule, text, values
from tests.zonefile.judges import dnspython

HEAD = b"$TTL 3600\n@ SOA ns.example.net. h.example.net. %s 1h 10m 2w 1h\n@ NS ns.example.net.\n"
PLAIN = HEAD % b"7" + b"www A 192.0.2.80\n"
EQUAL = f'@ TXT "{SPF.upper().replace("V=SPF1", "v=spf1")}" ; the old one\n'.encode()
BEGIN, END = b"; >>> mailzone", b"; <<< mailzone"

# Texts that a merge has to change and to give back: EQUAL stands for a line that moves.
TEXTS = {
    "nothing moves": PLAIN,
    "no final newline": PLAIN.removesuffix(b"\n"),
    "one moves": PLAIN + EQUAL + b"  A 192.0.2.1\n",
    "the last one moves": PLAIN + EQUAL,
    "the last one moves, no final newline": PLAIN + EQUAL.removesuffix(b"\n"),
    "the first one moves": b"$TTL 60\n" + EQUAL + PLAIN.replace(b"$TTL 3600\n", b""),
    "before the serial": b"$TTL 60\n" + EQUAL + PLAIN.replace(b"@", b" ", 1),
    "crlf": (PLAIN + EQUAL + b"  A 192.0.2.1\n").replace(b"\n", b"\r\n"),
    "crlf, no final newline": (PLAIN + EQUAL).replace(b"\n", b"\r\n").removesuffix(b"\r\n"),
    "both line ends": PLAIN + EQUAL.replace(b"\n", b"\r\n") + b"  A 192.0.2.1\r\nx A 192.0.2.1\n",
    "latin-1": b"; J\xfcrgen\n" + PLAIN + EQUAL.replace(b"the old", b"\xe4lter") + b"  A 192.0.2.1\n",
    "latin-1 in a text": PLAIN + b'  TXT "gr\xfc\xdfe" ; \xff\n' + EQUAL,
    "several lines": PLAIN + b"@ TXT ( ; (\n\n" + EQUAL.split(b"TXT ")[1] + b"\n\n ) ; )\n  A 192.0.2.1\n",
    "blank lines at the end": PLAIN + EQUAL + b"\n\n \n",
    "a comment at the end": PLAIN + EQUAL + b"; end of file",
    "the same twice": PLAIN + EQUAL + EQUAL + b"  A 192.0.2.1\n",
    "a serial that gets longer": HEAD % b"9" + EQUAL + b"  A 192.0.2.1\n" + EQUAL + b"  A 192.0.2.2\n",
    "a serial with zeros": HEAD % b"0000000009" + EQUAL + b"  A 192.0.2.1\n",
    "an old block's words": PLAIN + b" ; >>> mailzone\n;; <<< mailzone\n" + EQUAL,
}  # fmt: skip
every_text = pytest.mark.parametrize("base", TEXTS.values(), ids=TEXTS)


def without_serial(base: bytes) -> bytes:
    from generator.zonefile import soa_serial

    found = soa_serial(base)
    return base[: found.start] + base[found.end :]


def shown_records(of: bytes) -> set[tuple[str, int, str, str]]:
    """Everything but the SOA, as dnspython reads it; character-strings of TXT joined."""
    found = set()
    for owner, ttl, kind, data in dnspython(of):
        if kind.name != "SOA":
            said = b"".join(data.strings).decode("latin-1") if kind.name == "TXT" else str(data)
            found.add((owner.to_text().lower(), ttl, kind.name, said))
    return found


@every_text
def test_what_is_not_ours_means_the_same_and_ours_is_there_once(base: bytes):
    after = text(base)
    before = {row for row in shown_records(base) if not row[3].lower().startswith("v=spf1")}
    assert shown_records(after) == before | {
        (value.name, value.ttl, value.type, value.text) for value in values()
    }
    assert len(dnspython(after)) == len(set(dnspython(after)))


@every_text
def test_a_second_merge_changes_nothing(base: bytes):
    after = text(base)
    assert text(after) == after
    assert text(base, published=after) == after


@every_text
def test_without_values_the_text_comes_back(base: bytes):
    after = text(base)
    assert without_serial(text(after, [])) == without_serial(base)
    assert without_serial(restore(after).text) == without_serial(base)
    assert text(base, []) == base, "nothing was merged, so nothing is to be published"


@every_text
def test_other_values_give_the_same_as_if_they_had_been_there_from_the_start(base: bytes):
    first = text(text(base, values()[:1]))
    again = text(first, values())
    assert without_serial(again) == without_serial(text(base, values()))


@pytest.mark.parametrize(("base", "ends"), [("crlf", b"\r\n"), ("one moves", b"\n")])
def test_the_block_has_the_line_ends_of_the_text(base: str, ends: bytes):
    block = text(TEXTS[base]).split(BEGIN)[1]
    assert block.count(b"\n") == block.count(ends)
    assert (b"\r" in block) == (ends == b"\r\n")


def test_a_value_of_a_set_by_hand_takes_its_ttl():
    after = text(PLAIN + b'@ 77 TXT "site-verification=1"\n')
    found = {(row[0], row[3]): row[1] for row in shown_records(after)}
    assert found["example.com.", SPF] == 77
    assert found["_dmarc.example.com.", DMARC] == 3600


def test_a_set_whose_only_record_moves_takes_our_ttl():
    after = text(PLAIN + EQUAL.replace(b"@ ", b"@ 77 "))
    assert ("example.com.", 3600, "TXT", SPF) in shown_records(after)


def test_an_included_record_never_moves_and_only_the_very_same_may_stay():
    base = PLAIN + b"$INCLUDE old\n"
    same = f'@ 60 TXT "{SPF}"\n'.encode()
    after = text(base, include=lambda name: same)
    assert after.startswith((HEAD % b"8") + b"www A 192.0.2.80\n$INCLUDE old\n" + BEGIN)
    assert f'example.com.               60 IN TXT "{SPF}"'.encode() in after
    assert rule(base, include=lambda name: EQUAL) == "spf-multiple-records"


# --- edited by hand after a merge in place -----------------------------------------------------

MERGED = text(TEXTS["one moves"])


def test_a_line_changed_by_hand_stays_changed_and_what_moved_comes_back_at_the_end():
    edited = MERGED.replace(b"192.0.2.80", b"192.0.2.81")
    after = text(edited)
    assert ("www.example.com.", 3600, "A", "192.0.2.81") in shown_records(after)
    assert shown_records(after) - shown_records(MERGED) == {
        ("www.example.com.", 3600, "A", "192.0.2.81")
    }
    assert text(after) == after
    released = text(after, [])
    assert b"mailzone" not in released
    back = [line for line in released.splitlines() if b"spf1" in line]
    assert back == [
        f'example.com. 3600 IN TXT "{SPF.upper()}"'.replace("V=SPF1", "v=spf1").encode()
    ]
    assert released.endswith(back[0] + b"\n")


def test_the_moved_line_comes_back_in_one_piece_even_with_octets_beyond_ascii():
    base = PLAIN + b's1._domainkey TXT "v=DKIM1; n=gr\xfc\xdfe; p="\n'
    after = text(base, adopt=["v=DKIM1; n=gr\\252\\223e; p="])
    assert b"\xfc" in after
    released = text(after.replace(b"192.0.2.80", b"192.0.2.81"), [])
    assert b's1._domainkey.example.com. 3600 IN TXT "v=DKIM1; n=gr\\252\\223e; p="\n' in released


def test_only_the_serial_raised_by_hand_is_no_edit():
    raised = MERGED.replace(b" 8 1h", b" 900 1h")
    assert raised != MERGED
    assert text(raised) == raised
    assert text(raised, []).replace(b"901", b"7") == TEXTS["one moves"]


def test_records_changed_in_the_block_are_written_anew():
    drifted = MERGED.replace(b"p=reject", b"p=none")
    assert drifted != MERGED
    assert without_serial(text(drifted)) == without_serial(MERGED)


@pytest.mark.parametrize("number", range(MERGED.count(b"\n; ") + MERGED.count(b"\n;| ")))
def test_no_note_can_be_lost_unnoticed(number: int):
    lines = MERGED.splitlines(keepends=True)
    noted = [i for i, line in enumerate(lines) if line.startswith((b"; ", b";|", b";="))]
    wanted = lines[noted[number]]
    cut = b"".join(lines[: noted[number]] + lines[noted[number] + 1 :])
    assert rule(cut) == "zone-merge", wanted


def test_a_note_that_was_changed_is_noticed():
    assert rule(MERGED.replace(b";| @ TXT", b";| @ 60 TXT")) == "zone-merge"
    assert rule(MERGED.replace(b"; owner ", b"; owner 1")) == "zone-merge"


@pytest.mark.parametrize(
    ("present", "line", "words"),
    [
        (MERGED[: MERGED.index(END)], 6, "no end"),
        (MERGED.replace(BEGIN, b"; mailzone"), MERGED.count(b"\n"), "begins nowhere"),
        (MERGED + MERGED[MERGED.index(BEGIN) :], MERGED.count(b"\n") + 1, "second block"),
        (PLAIN + BEGIN + b"\n" + BEGIN + b"\n" + END + b"\n", 5, "no end"),
    ],
    ids=["cut off", "without its beginning", "twice", "in itself"],
)
def test_a_broken_block_is_refused_at_its_line(present: bytes, line: int, words: str):
    done = merged(present)
    assert done.text == present
    (found,) = done.findings
    assert found.rule == "zone-merge"
    assert words in found.message
    assert found.place is not None
    assert found.place.line == line


@pytest.mark.parametrize("behind", [b"  A 192.0.2.9\n", b"; a comment\n\n  A 192.0.2.9\n"])
def test_a_line_behind_the_block_must_not_lean_on_it(behind: bytes):
    done = merged(MERGED + behind)
    (found,) = done.findings
    assert found.rule == "zone-merge"
    assert found.place is not None
    assert found.place.line == (MERGED + behind).count(b"\n")
    assert done.text == MERGED + behind


def test_a_line_with_an_owner_behind_the_block_moves_before_it():
    after = text(MERGED + b"late A 192.0.2.9\n")
    assert after.index(b"late A 192.0.2.9\n") < after.index(BEGIN)
    assert after.endswith(END + b"\n")
    assert ("late.example.com.", 3600, "A", "192.0.2.9") in shown_records(after)
    assert text(after) == after


def test_places_are_those_of_the_file_as_it_is_now():
    """The restored text has other lines: two had moved, and the block stands before the last."""
    present = (
        MERGED.replace(BEGIN, b'_dmarc TXT "v=DMARC1; p=none"\n' + BEGIN) + b"mail A 192.0.2.25\n"
    )
    (found,) = merged(present).findings
    assert found.place is not None
    assert present.splitlines()[found.place.line - 1] == b'_dmarc TXT "v=DMARC1; p=none"'
    assert found.place.text == '_dmarc TXT "v=DMARC1; p=none"'


def test_a_place_behind_the_block_is_counted_with_the_block():
    present = MERGED + b'_dmarc 60 TXT "v=DMARC1; p=none"\n'
    (found,) = merged(present).findings
    assert found.place is not None
    assert found.place.line == present.count(b"\n")
    assert found.place.text == '_dmarc 60 TXT "v=DMARC1; p=none"'


def test_places_behind_a_line_that_moved_count_the_file_and_not_the_text_by_hand():
    base = PLAIN + EQUAL + b'  A 192.0.2.1\ns1._domainkey TXT "v=DKIM1; p="\n'
    present = text(base, values()[:2])
    (found,) = merged(present).findings
    assert found.rule == "dkim-multiple-keys"
    assert found.place is not None
    assert present.splitlines()[found.place.line - 1].startswith(b"s1._domainkey TXT")
    assert found.place.text.startswith("s1._domainkey TXT")


# --- serials -----------------------------------------------------------------------------------


def serial(of: bytes) -> int:
    from generator.zonefile import soa_serial

    return int(soa_serial(of).text)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (7, 8),
        (4294967295, 1),
        (2026010101, 2026112101),
        (2026112101, 2026112102),
        (2026112199, 2026112200),
        (1795262395, 1795262400),
    ],
)
def test_the_serial_rises_in_its_own_style(old: int, new: int):
    assert serial(text(HEAD % b"%d" % old)) == new


def test_a_serial_raised_by_hand_in_the_source_wins():
    published = text(HEAD % b"7")
    assert serial(published) == 8
    assert serial(text(HEAD % b"7", published=published)) == 8
    assert serial(text(HEAD % b"8", published=published)) == 8
    assert serial(text(HEAD % b"30", published=published)) == 30
    assert serial(text(HEAD % b"2026112101", published=published)) == 2026112101


def test_a_serial_raised_by_hand_to_less_than_is_published_does_not_go_back():
    published = text(HEAD % b"30")
    edited = HEAD % b"12" + b"new A 192.0.2.7\n"
    assert serial(text(edited, published=published)) == 32


def test_releasing_raises_the_serial_once():
    base = HEAD % b"7"
    published = text(base)
    released = text(base, [], published=published)
    assert serial(released) == 9
    assert text(base, [], published=released) == released


@pytest.mark.parametrize("digits", [b"4294967296", b"99999999999", b"x"])
def test_a_serial_that_is_none_is_refused(digits: bytes):
    assert rule(HEAD % digits) == "zone-file"


def test_a_second_soa_record_is_refused():
    assert rule(PLAIN + (HEAD % b"8").split(b"\n")[1] + b"\n") == "zone-file"


def test_an_soa_record_in_an_included_file_is_refused():
    soa = (HEAD % b"8").split(b"\n")[1]
    base = b"$TTL 3600\n$INCLUDE soa\n@ NS ns.example.net.\n"
    assert rule(base, include=lambda name: soa + b"\n") == "zone-file"


def test_a_key_that_says_the_same_is_taken_over_in_any_order_of_tags():
    (value,) = values()[2:]
    ours = [value._replace(text=KEY.replace("p=", "k=ed25519; p="))]
    spelt = f'"v=DKIM1;p={KEY.partition("p=")[2]}" ";k=ed25519"'
    after = text(PLAIN + f"s1._domainkey TXT {spelt}\n".encode(), ours)
    assert len([row for row in shown_records(after) if "_domainkey" in row[0]]) == 1
    other = f'"v=DKIM1;p={KEY.partition("p=")[2]}" ";k=rsa"'
    (found,) = merged(PLAIN + f"s1._domainkey TXT {other}\n".encode(), ours).findings
    assert found.rule == "dkim-multiple-keys"
    assert "only in the zone: k=rsa" in found.help
