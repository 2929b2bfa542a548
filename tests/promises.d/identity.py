"""What the keys of actors promise."""

PROMISES = {
    "identity.ssh-byte-equal": (
        "A signature in SSH format is byte for byte what ssh-keygen -Y sign makes with the same key.",
        "issue 3.8",
    ),
    "identity.enrolled-on-first-use": (
        "An actor's key is in the repository's registry from the actor's first operation on.",
        "issue 3.8",
    ),
    "identity.later-keys-vouched": (
        "An actor's first key is taken on trust; later ones need an old key's or an enrolled person's signature.",
        "issue 3.8",
    ),
    "identity.survives-kill": (
        "After kill -9 at any step of enrolling, replacing or revoking a key, registry and ledger agree.",
        "issue 3, faults",
    ),
    "identity.rotation": (
        "After a rotation the new key signs, and what the old one signed before still counts.",
        "issue 3.8",
    ),
    "identity.revocation": (
        "What a revoked key signed since the moment named is refused, by ANVCS and by git; the key never counts again.",
        "issue 3.8",
    ),
    "identity.causal-authority": (
        "What came before decides who may change the registry, never a clock: a stolen key cannot act in the past.",
        "issue 3.8",
    ),
    "identity.forgery-refused": ("A forged entry of the registry never counts, and is named.", "issue 3.8"),
    "identity.merge-loses-nothing": (
        "Registries of two clones merge by union: nothing is lost, nothing conflicts, every order gives the same.",
        "issue 3.8",
    ),
    "identity.append-loses-nothing": ("Writers that add to the registry at once lose nothing.", "issue 3.8"),
    "identity.allowed-signers": (
        "init points git at an allowed-signers file made from the registry, and uninstall takes exactly that back.",
        "issue 3.8",
    ),
    "identity.git-verifies": ("git verify-commit accepts a commit that an actor signed with its own key.", "issue 3.8"),
    "identity.users-key-honoured": (
        "The user's own signing settings are honoured, and no agent signs with the user's key unless they say always.",
        "issue 3.8",
    ),
    "actors.rotated-keys-kept": (
        "A key that was rotated out stays with its user, to vouch for the new one in other repositories.",
        "issue 3.8",
    ),
}
