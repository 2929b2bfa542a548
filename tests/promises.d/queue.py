"""Promises about merge queues."""

PROMISES = {
    "queue.together": (
        "What waits is tested together once and lands in its order, each as its own commit and operation.",
        "issue 5.7",
    ),
    "queue.culprit": (
        "What fails or conflicts leaves the queue with the reason and the evidence, and the others land.",
        "issue 5.7",
    ),
    "queue.flaky": ("A flaky guard or a broken target is named, and no proposal is blamed for it.", "issue 5, faults"),
    "queue.moved": ("Whatever moves while tests run, only what was tested lands.", "issue 5, faults"),
    "queue.rules": ("The target's own rules count, for batches too, as they are when each lands.", "issue 5.7"),
    "queue.survives-kill": (
        "Killed anywhere, a queue keeps its line, lands nothing untested, and the next run goes on.",
        "issue 5, faults",
    ),
}
