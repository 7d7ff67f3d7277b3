"""Rules that declarations and records decide, and that no code finds yet.

`test_registry` holds this list to the truth: whoever writes a check takes its rule out.
"""

from __future__ import annotations

# Both need to be told of a purpose that no declaration states yet.
NOT_YET = {"rollout-bulk-minimum", "rollout-mandate"}
