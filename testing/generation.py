"""How many examples Hypothesis makes up for a property."""

from testing import variables

# Fewer while somebody waits for `make test`; each run makes up others.
EXAMPLES = 160 if variables.runs_slow_tests() else 20
