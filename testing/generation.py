"""How many examples Hypothesis makes up for a property."""

import os

# Fewer while somebody waits for `make test`; each run makes up others.
EXAMPLES = 160 if os.environ.get("SLOW") else 20
