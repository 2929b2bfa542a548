"""Why a commit exists: metadata records, redaction, notes and the ``.ai/meta`` mirror."""
