"""How servers shape requests and answers, by name."""

from collections.abc import Mapping

from assistants_app.api.dialects import v1, v2
from assistants_app.api.dialects.dialect import Dialect

DIALECTS: Mapping[str, Dialect] = {dialect.name: dialect for dialect in (v2.DIALECT, v1.DIALECT)}

__all__ = ["DIALECTS", "Dialect"]
