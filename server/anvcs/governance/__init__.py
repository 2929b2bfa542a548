"""Who may act: the registry of actors' keys, and signatures that other programs can check."""
