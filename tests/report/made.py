"""Findings for tests of their formats: made by hand, and by Hypothesis."""

from __future__ import annotations

from hypothesis import strategies as st

from generator.finding import Finding, Place, Severity
from generator.rules import RULES

TWO = [
    Finding(
        "unknown-stage",
        Severity.ERROR,
        "unknown stage `monitr`",
        Place("zones/b.yaml", 2, 8, "stage: monitr", 6),
        "did you mean `monitor`?",
    ),
    Finding(
        "rua-missing",
        Severity.ADVICE,
        "a.example is at stage parked without an address for reports",
        Place("zones/a.yaml", 3, 1, "stage: parked", 13),
        "`dmarc: {reports: [mailto:d@a.example]}`\nor a report service",
    ),
]

# Everything that a declaration could carry into a message, the nastiest first.
texts = st.text(
    st.sampled_from("\n\r%:,;[](){}\\\"'\t\x1b\u202e\u2028é👋 ") | st.characters(codec="utf-8"),
    min_size=1,
    max_size=40,
)
paths = st.one_of(
    st.from_regex(r"[a-zé][a-zé :,%#?\[\]]{0,9}(/[a-z]{1,5}\.yaml)?", fullmatch=True),
    st.just("/srv/build/a.inc"),
    st.just("<spf>"),
)
lines = st.integers(0, 9)
places = st.none() | st.builds(
    Place, paths, lines, lines, texts, st.integers(1, 9), st.just(0), st.integers(0, 9)
)
findings = st.lists(
    st.builds(
        Finding,
        st.sampled_from(sorted(RULES)),
        st.sampled_from(Severity),
        texts,
        places,
        texts | st.just(""),
    ),
    max_size=6,
)
