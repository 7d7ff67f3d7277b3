"""`octodns-sync` with the overlay against a real BIND and a real PowerDNS, whole zones compared.

One case after another of what may stand in a shared zone, and who may have touched it.
"""

from __future__ import annotations

import pytest

from tests.octodns.hosts import Bind, texts, wire
from tests.octodns.runs import OLD_SPF, TOKENS, foreign

SPF = "v=spf1 ip4:192.0.2.10 ~all"
KEY = "v=DKIM1; k=ed25519; p=Mb5mQyLJWi4kUPKoXCGzmOxUDKTCCUNP1aWWzEWn1Zk="


def without_ours(records, zone):
    """Foreign records only: neither the ledger nor what the declarations of these tests make."""
    names = {f"{n}.{zone}" for n in ("_mailzone", "_dmarc", "s1._domainkey", "k2._domainkey")}
    names |= {f"k3._domainkey.{zone}"}
    return {r for r in records if r[0] not in names and b"v=spf1" not in r[3]}


@pytest.fixture
def published(host, zone, setup):
    """A foreign zone into which our records have been put, replacing an old SPF record."""
    host.add(zone, foreign(zone))
    made = setup(host, zone)
    made.declare(adopt=[OLD_SPF])
    made.sync().ok()
    return made


@pytest.fixture
def bare(host, zone, setup):
    """A foreign zone without SPF and DMARC, and a declaration, nothing pushed yet."""
    host.add(zone, foreign(zone, spf=""))
    made = setup(host, zone)
    made.declare()
    return made


def test_a_first_push_adds_our_values_and_changes_nothing_else(host, zone, bare):
    before = wire(host, zone)
    bare.sync().ok()
    after = wire(host, zone)
    assert before <= after
    assert {(name, type) for name, type, _, _ in after - before} == {
        (f"_mailzone.{zone}", "TXT"),
        (f"_dmarc.{zone}", "TXT"),
        (f"s1._domainkey.{zone}", "TXT"),
        (f"k2._domainkey.{zone}", "CNAME"),
        (f"k3._domainkey.{zone}", "CNAME"),
        (zone, "TXT"),
    }
    assert texts(host, zone, zone) == sorted([*TOKENS, SPF])
    assert texts(host, zone, f"s1._domainkey.{zone}") == [KEY]
    assert texts(host, zone, f"k2._domainkey.{zone}", "CNAME") == ["k2.vendor.example."]


def test_a_second_push_has_nothing_to_do(host, zone, published):
    before = wire(host, zone)
    run = published.sync().ok()
    assert "No changes were planned" in run.text
    assert wire(host, zone) == before


def test_an_old_spf_record_stops_the_push_with_the_line_to_paste(host, zone, setup):
    host.add(zone, foreign(zone))
    before = wire(host, zone)
    made = setup(host, zone)
    made.declare()
    made.sync(force=True).stops(
        f"TXT at {zone} cannot stand beside the declared TXT",
        "only in the zone: mx include:_spf.oldhoster.example",
        f"list it: `adopt: ['{OLD_SPF}']`",
    )
    assert wire(host, zone) == before


def test_an_adopted_spf_record_is_replaced_and_the_shared_set_keeps_its_ttl(host, zone, published):
    assert texts(host, zone, zone) == sorted([*TOKENS, SPF])
    assert {ttl for name, type, ttl, _ in wire(host, zone) if (name, type) == (zone, "TXT")} == {
        1800
    }


def test_a_selector_that_is_no_longer_declared_is_removed_and_nothing_else(host, zone, published):
    before = wire(host, zone)
    published.declare(
        records=[{"name": "k2._domainkey", "type": "CNAME", "value": "k2.vendor.example"}]
    )
    published.sync().ok()
    after = wire(host, zone)
    gone = {(name, type) for name, type, _, _ in before - after}
    assert gone == {(f"k3._domainkey.{zone}", "CNAME"), (f"_mailzone.{zone}", "TXT")}
    assert {name for name, _, _, _ in after - before} == {f"_mailzone.{zone}"}
    assert "No changes were planned" in published.sync().ok().text


def test_new_spf_and_dmarc_change_these_two_values_and_the_ledger(host, zone, published):
    before = wire(host, zone)
    published.declare(
        spf={"also": ["ip4:192.0.2.99"]}, dmarc={"reports": [f"mailto:new@{zone.rstrip('.')}"]}
    )
    published.sync().ok()
    after = wire(host, zone)
    assert without_ours(before, zone) == without_ours(after, zone)
    assert {name for name, _, _, _ in before ^ after} == {
        zone,
        f"_dmarc.{zone}",
        f"_mailzone.{zone}",
    }
    assert "v=spf1 ip4:192.0.2.99 ip4:192.0.2.10 ~all" in texts(host, zone, zone) or (
        "v=spf1 ip4:192.0.2.10 ip4:192.0.2.99 ~all" in texts(host, zone, zone)
    )
    assert "No changes were planned" in published.sync().ok().text


def test_a_second_spf_record_by_hand_stops_everything(host, zone, published):
    more = [*TOKENS, SPF, "v=spf1 include:shadow.example ~all"]
    host.change(zone, zone, "TXT", 1800, [f'"{text}"' for text in more])
    before = wire(host, zone)
    published.declare(dmarc={"reports": [f"mailto:new@{zone.rstrip('.')}"]})
    published.sync(force=True).stops("include:shadow.example", "adopt:")
    assert wire(host, zone) == before


def test_with_skip_only_that_name_is_left_alone(host, zone, published):
    more = [*TOKENS, SPF, "v=spf1 include:shadow.example ~all"]
    host.change(zone, zone, "TXT", 1800, [f'"{text}"' for text in more])
    before = wire(host, zone)
    published.declare(
        spf={"also": ["ip4:192.0.2.99"]}, dmarc={"reports": [f"mailto:new@{zone.rstrip('.')}"]}
    )
    published.overlay["on_conflict"] = "skip"
    run = published.sync().ok()
    assert "left alone" in run.text
    assert {name for name, _, _, _ in before ^ wire(host, zone)} == {
        f"_dmarc.{zone}",
        f"_mailzone.{zone}",
    }
    # The SPF value that was left alone is still known to be ours.
    host.change(zone, zone, "TXT", 1800, [f'"{text}"' for text in [*TOKENS, SPF]])
    published.sync().ok()
    found = texts(host, zone, zone)
    assert len([text for text in found if text.startswith("v=spf1")]) == 1
    assert any("192.0.2.99" in text for text in found)


def test_a_record_of_ours_that_was_edited_by_hand_is_reported_not_overwritten(
    host, zone, published
):
    edited = "v=DMARC1; p=reject; rua=mailto:hand@example.net;"
    host.change(zone, f"_dmarc.{zone}", "TXT", 3600, [f'"{edited}"'])
    before = wire(host, zone)
    published.sync().stops("_dmarc", "hand@example.net", "only declared: p=none")
    assert wire(host, zone) == before


def test_a_record_of_ours_that_was_deleted_by_hand_is_told_of_and_put_back(host, zone, published):
    before = wire(host, zone)
    host.change(zone, f"k2._domainkey.{zone}", "CNAME", 3600, [])
    run = published.sync().ok()
    assert "was removed or changed by another hand" in run.text
    assert wire(host, zone) == before


def test_a_text_by_hand_at_the_name_of_a_declared_cname_stops(host, zone, bare):
    host.change(zone, f"k2._domainkey.{zone}", "TXT", 300, ['"v=DKIM1; p="'])
    before = wire(host, zone)
    bare.sync(force=True).stops("cannot stand beside the declared CNAME", "adopt: ['v=DKIM1; p=']")
    assert wire(host, zone) == before


def test_an_adopted_text_makes_way_for_a_cname(host, zone, bare):
    host.change(zone, f"k2._domainkey.{zone}", "TXT", 300, ['"v=DKIM1; p="'])
    bare.declare(adopt=["v=DKIM1; p="])
    bare.sync().ok()
    assert texts(host, zone, f"k2._domainkey.{zone}", "CNAME") == ["k2.vendor.example."]
    assert texts(host, zone, f"k2._domainkey.{zone}") == []


def test_a_cname_by_hand_at_a_declared_name_stops(host, zone, bare):
    host.change(zone, f"_dmarc.{zone}", "CNAME", 300, ["policy.vendor.example."])
    before = wire(host, zone)
    bare.sync().stops("CNAME at _dmarc", "adopt: ['CNAME policy.vendor.example.']")
    assert wire(host, zone) == before
    bare.declare(adopt=["CNAME policy.vendor.example."])
    bare.sync().ok()
    assert texts(host, zone, f"_dmarc.{zone}", "CNAME") == []
    assert len(texts(host, zone, f"_dmarc.{zone}")) == 1


def test_a_selector_of_ours_turns_from_cname_to_text(host, zone, published):
    published.declare(
        records=[
            {"name": "k2._domainkey", "type": "TXT", "value": "v=DKIM1; p="},
            {"name": "k3._domainkey", "type": "CNAME", "value": "k3.vendor.example"},
        ]
    )
    published.sync().ok()
    assert texts(host, zone, f"k2._domainkey.{zone}") == ["v=DKIM1; p="]
    assert texts(host, zone, f"k2._domainkey.{zone}", "CNAME") == []
    assert "No changes were planned" in published.sync().ok().text


def test_without_its_ledger_nothing_is_deleted_and_equal_values_are_taken_up_again(
    host, zone, published
):
    host.change(zone, f"_mailzone.{zone}", "TXT", 3600, [])
    before = wire(host, zone)
    published.declare(
        records=[{"name": "k2._domainkey", "type": "CNAME", "value": "k2.vendor.example"}]
    )
    published.sync().ok()
    after = wire(host, zone)
    assert before <= after  # the selector that is no longer declared stays
    assert {name for name, _, _, _ in after - before} == {f"_mailzone.{zone}"}
    assert "No changes were planned" in published.sync().ok().text


def test_a_declaration_that_disappears_deletes_nothing_until_it_is_released(host, zone, published):
    child = f"news.{zone}"
    more = {"zone": {"name": zone.rstrip(".")}, "adopt": None}
    published.declare(child, **more)
    published.sync().ok()
    assert texts(host, zone, child) == [SPF]
    before = wire(host, zone)
    (published.root / "zones" / f"{child}yaml").unlink()
    run = published.sync().ok()
    assert f"{child} has no declaration any more" in run.text
    assert wire(host, zone) == before
    published.declare(child, release=True, **more)
    published.sync(force=True).ok()
    left = {name for name, _, _, _ in wire(host, zone)}
    assert not any(name.endswith(child) for name in left)
    assert texts(host, zone, zone) == sorted([*TOKENS, SPF])


def test_a_released_domain_leaves_the_zone_as_others_keep_it(host, zone, bare):
    before = wire(host, zone)
    bare.sync().ok()
    bare.declare(release=True)
    bare.sync(force=True).ok()
    assert wire(host, zone) == before


def test_two_projects_share_a_zone(host, zone, setup, tmp_path, bare):
    bare.sync().ok()
    other = setup(host, zone)
    other.root = tmp_path / "other"
    other.__post_init__()
    other.source["owner"] = "marketing"
    other.declare(
        domain=f"news.{zone}".rstrip("."),
        zone={"name": zone.rstrip(".")},
        # One record that both declare.
        records=[
            {"name": f"k2._domainkey.news.{zone}", "type": "CNAME", "value": "k2.vendor.example"}
        ],
    )
    other.sync().ok()
    both = wire(host, zone)
    assert "No changes were planned" in bare.sync().ok().text
    assert "No changes were planned" in other.sync().ok().text
    ledger = texts(host, zone, f"_mailzone.{zone}")
    assert [line.split()[1] for line in ledger] == ["mailzone", "marketing"]
    bare.declare(release=True)
    bare.sync(force=True).ok()
    left = wire(host, zone)
    assert left <= both
    assert {n for n, _, _, _ in left} >= {f"news.{zone}", f"_dmarc.news.{zone}"}
    assert texts(host, zone, f"_mailzone.{zone}")[0].startswith("mailzone1 marketing ")
    # The other project's SPF record is no rival to be adopted, but somebody's.
    bare.declare()
    bare.sync().ok()
    bare.declare(
        subdomains={"news": {"services": [], "stage": "parked"}},
        adopt=[SPF],
    )
    bare.sync().stops("published by mailzone with `owner: marketing`")


def test_a_value_that_both_projects_declare_stays_when_one_lets_go(
    host, zone, setup, tmp_path, bare
):
    bare.sync().ok()
    other = setup(host, zone)
    other.root = tmp_path / "other"
    other.__post_init__()
    other.source["owner"] = "second"
    other.declare()
    other.sync().ok()
    shared = wire(host, zone)
    bare.declare(release=True)
    bare.sync(force=True).ok()
    after = wire(host, zone)
    assert {name for name, _, _, _ in shared - after} == {f"_mailzone.{zone}"}
    assert after <= shared
    other.declare(release=True)
    other.sync(force=True).ok()
    assert not any("_mailzone" in name for name, _, _, _ in wire(host, zone))
    assert texts(host, zone, zone) == sorted(TOKENS)


def test_a_set_that_becomes_wholly_ours_takes_our_ttl(host, zone, bare):
    bare.sync().ok()
    host.change(zone, zone, "TXT", 1800, [f'"{SPF}"'])
    bare.sync().ok()
    assert {ttl for name, type, ttl, _ in wire(host, zone) if (name, type) == (zone, "TXT")} == {
        3600
    }


def test_what_says_the_same_is_taken_over(host, zone, bare):
    same = f'"v=DMARC1;p=none;rua=mailto:d@{zone.rstrip(".")}"'
    host.change(zone, f"_dmarc.{zone}", "TXT", 300, [same])
    bare.sync().ok()
    assert texts(host, zone, f"_dmarc.{zone}") == [
        f"v=DMARC1; p=none; rua=mailto:d@{zone.rstrip('.')};"
    ]


def test_names_below_a_delegation_are_refused(host, zone, bare):
    host.change(zone, f"_domainkey.{zone}", "NS", 300, ["ns1.vendor.example."])
    before = wire(host, zone)
    bare.sync().stops(f"hands _domainkey.{zone} to other servers")
    assert wire(host, zone) == before


def test_a_name_that_a_wildcard_answered_for_is_refused(host, zone, bare):
    host.change(zone, f"*.{zone}", "MX", 300, [f"10 mail.{zone}"])
    bare.sync().ok()  # nobody mails to names with an underscore
    before = wire(host, zone)
    bare.declare(helo=[f"out.{zone}".rstrip(".")])
    bare.sync().stops(f"out.{zone} comes into being and is lost to *.{zone} (MX)")
    assert wire(host, zone) == before


# What a foreign value is refused for.  BIND's provider reports octets, PowerDNS's the presentation
# form, in which everything odd has a backslash.
@pytest.mark.parametrize(
    ("data", "bind", "powerdns"),
    [
        (r'"MS=a\\b"', "holds a backslash", "holds a backslash"),
        (r'"trail\\"', "holds a backslash", "holds a backslash"),
        (r'"say \"hi\""', "holds a quote", "holds a backslash"),
        # Quotes around the whole are lost on the way in: only the name server shows them.
        (r'"\"quoted\""', "does not give out 'quoted'", "holds a backslash"),
        ('""', "is empty", "is empty"),
        (r'"caf\195\169"', "printable ASCII", "holds a backslash"),
        (r'"\007bell"', "printable ASCII", "holds a backslash"),
        (f'"{"x" * 255}" "{"y" * 40}"', "295 octets", "295 octets"),
        # octodns-bind cuts texts while each semicolon has its backslash.
        (f'"{"x;" * 100}"', "200 octets", "200 octets"),
        ('"k1=v1" "k2=v2"', "in 2 strings", "in 2 strings"),
    ],
)
def test_a_foreign_value_that_might_be_damaged_stops_a_rewrite(
    host, zone, setup, data, bind, powerdns
):
    host.add(zone, [(zone, "TXT", 300, '"token"'), (zone, "TXT", 300, data)])
    before = wire(host, zone)
    made = setup(host, zone)
    made.declare()
    made.sync(force=True).stops(bind if isinstance(host, Bind) else powerdns)
    assert wire(host, zone) == before
    # At other names such values are nobody's business.
    made.overlay["on_conflict"] = "skip"
    made.sync().ok()
    assert before <= wire(host, zone)
    assert texts(host, zone, f"s1._domainkey.{zone}") == [KEY]


def test_without_the_check_a_value_that_is_reported_wrongly_is_damaged(bind_host, zone, setup):
    """What `unchecked_rewrites` risks; where this fails, octodns-bind has become better."""
    bind_host.add(zone, [(zone, "TXT", 300, r'"\"quoted\""')])
    made = setup(bind_host, zone, overlay={"unchecked_rewrites": True})
    made.declare()
    made.sync().ok()
    assert texts(bind_host, zone, zone) == ["quoted", SPF]


def test_a_long_foreign_value_may_be_cut_anew_if_that_is_allowed(host, zone, setup):
    long = "y" * 400
    host.add(zone, [(zone, "TXT", 300, f'"{long[:255]}" "{long[255:]}"')])
    made = setup(host, zone, overlay={"resplit": True})
    made.declare()
    made.sync().ok()
    assert texts(host, zone, zone) == sorted([SPF, long])


def test_without_name_servers_to_ask_a_shared_set_is_not_rewritten(host, zone, bare):
    before = wire(host, zone)
    bare.overlay["nameservers"] = "127.0.0.1:1"
    bare.sync().stops("no name server answers", "unchecked_rewrites")
    assert wire(host, zone) == before
    bare.overlay.update(nameservers="auto", unchecked_rewrites=True)
    bare.sync().ok()
    assert texts(host, zone, zone) == sorted([*TOKENS, SPF])


def test_long_keys_arrive_whole(host, zone, bare):
    import base64

    from cryptography.hazmat.primitives.asymmetric import rsa
    from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

    services = []
    for bits in (2048, 4096):
        key = rsa.generate_private_key(65537, bits).public_key()
        der = key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
        services.append(f"v=DKIM1; k=rsa; p={base64.b64encode(der).decode()}")
    bare.declare(
        records=[
            {"name": f"l{number}._domainkey", "type": "TXT", "value": text}
            for number, text in enumerate(services)
        ]
    )
    bare.sync().ok()
    for number, text in enumerate(services):
        assert texts(host, zone, f"l{number}._domainkey.{zone}") == [text]
    assert "No changes were planned" in bare.sync().ok().text


def test_records_of_every_type_are_pushed_and_taken_out_again(host, zone, bare):
    before = wire(host, zone)
    records = [
        {"name": "mg", "type": "A", "value": ["192.0.2.80", "192.0.2.81"]},
        {"name": "mg", "type": "AAAA", "value": "2001:db8::80"},
        {"name": "mg", "type": "MX", "value": ["10 mxa.vendor.example", "20 mxb.vendor.example"]},
        {"name": "_imaps._tcp", "type": "SRV", "value": "0 1 993 imap.vendor.example"},
        {"name": "_pop3._tcp", "type": "SRV", "value": "0 0 0 ."},
        {"name": "mg", "type": "CAA", "value": '0 issue "ca.example"'},
        {"name": "_25._tcp.mg", "type": "TLSA", "value": f"3 1 1 {'ab' * 32}"},
        {"name": "_domainkey.mg", "type": "NS", "value": "ns1.vendor.example"},
        {"name": "track", "type": "CNAME", "value": "track.vendor.example"},
    ]
    waive = {
        "spf-ip-private": {"because": "a test", "until": "2099-12-31"},
    }
    bare.declare(records=records, waive=waive)
    bare.sync().ok()
    after = wire(host, zone)
    assert before <= after
    assert texts(host, zone, f"mg.{zone}", "MX") == [
        "10 mxa.vendor.example.",
        "20 mxb.vendor.example.",
    ]
    assert texts(host, zone, f"_pop3._tcp.{zone}", "SRV") == ["0 0 0 ."]
    assert texts(host, zone, f"_25._tcp.mg.{zone}", "TLSA") == [f"3 1 1 {'ab' * 32}"]
    assert texts(host, zone, f"mg.{zone}", "CAA") == ['0 issue "ca.example"']
    assert "No changes were planned" in bare.sync().ok().text
    bare.declare(release=True)
    bare.sync(force=True).ok()
    assert wire(host, zone) == before


def test_a_foreign_address_in_a_shared_set_stays(host, zone, bare):
    host.change(zone, f"mg.{zone}", "A", 77, ["192.0.2.90"])
    bare.declare(records=[{"name": "mg", "type": "A", "value": "192.0.2.80"}])
    bare.sync().ok()
    assert texts(host, zone, f"mg.{zone}", "A") == ["192.0.2.80", "192.0.2.90"]
    bare.declare(release=True)
    bare.sync(force=True).ok()
    assert texts(host, zone, f"mg.{zone}", "A") == ["192.0.2.90"]
    assert (f"mg.{zone}", "A", 77) in {record[:3] for record in wire(host, zone)}


def test_names_and_targets_in_capitals_are_the_same_names(host, zone, bare):
    host.change(zone, f"_DMARC.{zone.upper()}", "TXT", 300, ['"v=DMARC1; p=reject;"'])
    host.change(zone, f"K2._domainkey.{zone}", "CNAME", 300, ["K2.Vendor.example."])
    before = wire(host, zone)
    bare.sync().stops("_dmarc", "adopt: ['v=DMARC1; p=reject;']")
    assert wire(host, zone) == before
    bare.declare(adopt=["v=DMARC1; p=reject;"])
    bare.sync().ok()
    assert len(texts(host, zone, f"_dmarc.{zone}")) == 1
    assert texts(host, zone, f"k2._domainkey.{zone}", "CNAME") == ["k2.vendor.example."]
    assert "No changes were planned" in bare.sync().ok().text


def test_an_internationalised_zone_is_overlaid_too(host, zone, setup):
    name = f"xn--bcher-kva.{zone}"
    host.add(name, foreign(name, spf=""))
    before = wire(host, name)
    made = setup(host, name)
    made.declare()
    made.sync().ok()
    assert before <= wire(host, name)
    assert "No changes were planned" in made.sync().ok().text
    unicode = {f"bücher.{zone}": made.whole()["zones"][name]}
    made.config = {"zones": unicode}
    assert "No changes were planned" in made.sync().ok().text
