"""What is known of each language's resources: one small file of data per language."""

from __future__ import annotations

from anvcs.merge.resources.languages.c import CPP, C
from anvcs.merge.resources.languages.csharp import CSHARP
from anvcs.merge.resources.languages.data import JSON, TOML, YAML
from anvcs.merge.resources.languages.go import GO
from anvcs.merge.resources.languages.java import JAVA
from anvcs.merge.resources.languages.javascript import JAVASCRIPT
from anvcs.merge.resources.languages.language import Language
from anvcs.merge.resources.languages.php import PHP
from anvcs.merge.resources.languages.python import PYTHON
from anvcs.merge.resources.languages.ruby import RUBY
from anvcs.merge.resources.languages.rust import RUST
from anvcs.merge.resources.languages.sql import SQL
from anvcs.merge.resources.languages.typescript import TSX, TYPESCRIPT

__all__ = ["LANGUAGES", "OURS", "Language"]

OURS = (
    *(PYTHON, JAVASCRIPT, TYPESCRIPT, TSX),
    *(JSON, YAML, TOML, SQL),
    *(JAVA, GO, RUST, C, CPP, CSHARP, RUBY, PHP),
)

LANGUAGES = {each.name: each for each in OURS}
"""By name."""
